"""The query language: words to embed, and conditions to filter by, in one line.

parser.py          Query; what is words, and the tree of what filters
structure.py       which brackets and operators filter, and which are words
items.py           a query cut into terms, operators, brackets and words
terms.py           one condition in symbols
english/           plain English that filters: who died before 2000
completion.py      how a query goes on while it is being typed
values.py          what may stand after an operator: 44 BC, 1900..1950, 1960s, 19c
"""

from bot.query.completion import complete
from bot.query.english import also_called
from bot.query.parser import QUERY_MAX, KnownValues, Query, parse, values_named

__all__ = ["QUERY_MAX", "KnownValues", "Query", "also_called", "complete", "parse", "values_named"]
