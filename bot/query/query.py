"""A query as it was understood."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.query.filters import Filter
from bot.query.query_printer import print_conditions, print_query

KnownValues = Mapping[str, Mapping[str, str]]
"""Values that someone in the directory has: for each folded value, its spelling by field."""


@dataclass(frozen=True)
class Query:
    """What a query asks for: the words to embed, in order, and the filter that people must match.

    Either may be missing, but not both. ``has_english`` says whether part of the filter was read
    from plain English.
    """

    text: str
    filter: Filter | None = None
    has_english: bool = False

    @property
    def conditions(self) -> list[str]:
        """The conditions as people may type them: ``["died<2000"]``."""
        return print_conditions(self.filter) if self.filter else []

    @property
    def filter_text(self) -> str:
        """The conditions as one query, empty if there are none."""
        return print_query(self.filter) if self.filter else ""

    @property
    def summary(self) -> str:
        """The words and the conditions on one line: ``science · died<2000``."""
        return " · ".join([self.text, *self.conditions] if self.text else self.conditions)
