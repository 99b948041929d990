"""The query language: a line of text becomes words to embed and a filter to match.

parser.py          parse a query: its words, and the filter tree of its conditions
tokenizer.py       a query cut into conditions, operators, brackets and words
conditions.py      one condition in symbols: died<2000, is:alive
values.py          the value after an operator: 44 BC, 1900..1950, 1960s, 19c
lifetimes.py       the conditions on a whole life: is:alive, is:dead, lived:1701..1800
english/           conditions in plain English: who died before 2000
operators.py       which brackets and operators join conditions, and which are words
query.py           Query: the result of parsing
filters.py         the filter tree
evaluator.py       evaluate a filter in Python
redis_printer.py   print a filter for Redis
query_printer.py   print a filter in the query language
completion.py      complete a query that is being typed
"""

from bot.query.completion import complete
from bot.query.english import other_country_names
from bot.query.evaluator import matches
from bot.query.filters import (
    Comparison,
    Filter,
    HasValue,
    iterate_leaves,
    negate,
)
from bot.query.parser import QUERY_MAX, find_named_values, parse
from bot.query.query import KnownValues, Query
from bot.query.query_printer import print_query, quote_value
from bot.query.redis_printer import print_redis_filter

__all__ = [
    "QUERY_MAX",
    "Comparison",
    "Filter",
    "HasValue",
    "KnownValues",
    "Query",
    "complete",
    "find_named_values",
    "iterate_leaves",
    "matches",
    "negate",
    "other_country_names",
    "parse",
    "print_query",
    "print_redis_filter",
    "quote_value",
]
