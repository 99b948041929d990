"""What can go wrong and be said in a sentence. Anything else that is raised is a bug.

DirectoryError
├── SettingError            the bot cannot start, or an option cannot be met: a setting is named
├── DirectoryUnavailable    Redis does not answer, or refuses
│   ├── CommandRefused      for what it was asked, not for how it is just now
│   └── DirectoryKeepsChanging  a directory changes whenever it is looked at as a whole
├── DirectoryNotFound       no directory of that name
├── DirectoryEmpty          nobody is in the directory yet
├── FieldsChanged           a search was for fields that are others by now
├── PersonNotFound          nobody of that name
├── PersonExists            somebody of that name is there already
├── PersonChanged           somebody else edited the person in the meantime
├── ChangeNotFound          no operation of that number in the history
├── NotUndone               an operation that cannot be taken back
├── InvalidPerson           a name, description or attribute that cannot be stored
└── QueryError              a query that cannot be understood, with the place
    └── UnknownField        a filter on a field the directory does not have
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

from bot import sentences

SHOWN_MAX = 100  # characters of what was typed, in a sentence


class DirectoryError(Exception):
    """An expected failure; ``str()`` is the sentence its reader gets."""


class SettingError(DirectoryError):
    """A setting, or the server it points to, does not allow what was asked."""


class DirectoryUnavailable(DirectoryError):
    """Redis does not answer, or refuses the command."""


class CommandRefused(DirectoryUnavailable):
    """Redis refuses a command that it would refuse at any time."""


class DirectoryKeepsChanging(DirectoryUnavailable):
    """A directory changed at each attempt to look at it as a whole."""

    def __init__(self) -> None:
        super().__init__(sentences.upkeep.NEVER_STILL)


class DirectoryNotFound(DirectoryError):
    def __init__(self, name: str, existing: Sequence[str]) -> None:
        super().__init__(sentences.service.no_directory(name, existing))


class DirectoryEmpty(DirectoryError):
    def __init__(self) -> None:
        super().__init__(sentences.people.NOBODY_YET)


class FieldsChanged(DirectoryError):
    """A search was carried out for fields that were renamed or removed meanwhile."""

    def __init__(self) -> None:
        super().__init__(sentences.service.FIELDS_CHANGED)


class PersonNotFound(DirectoryError):
    """Nobody has this name; ``near`` are up to three names like it."""

    def __init__(self, name: str, near: Sequence[str] = ()) -> None:
        shown = name if len(name) <= SHOWN_MAX else f"{name[:SHOWN_MAX]}…"
        super().__init__(sentences.people.nobody_called(shown, near))


class PersonExists(DirectoryError):
    def __init__(self, name: str) -> None:
        super().__init__(sentences.people.already_here(name))


class PersonChanged(DirectoryError):
    """Somebody else changed the person since whoever saves last looked; ``now`` is the person as
    they are (bot.person.Person), None if that is not known."""

    def __init__(self, name: str, now: Any) -> None:
        super().__init__(sentences.people.changed_by_another(name))
        self.now = now


class ChangeNotFound(DirectoryError):
    def __init__(self, number: int) -> None:
        super().__init__(sentences.history.no_change(number))


class NotUndone(DirectoryError):
    """An operation that cannot be taken back; nothing was changed."""


class InvalidPerson(DirectoryError):
    """A value that cannot be stored; nothing was changed."""


class QueryError(DirectoryError):
    """``query`` cannot be understood at ``position`` (in characters from 0)."""

    def __init__(self, sentence: str, query: str, position: int) -> None:
        super().__init__(sentence)
        self.query = query
        self.position = position

    def pointer(self, width: int = 60) -> str:
        """The query around the place, cut to ``width`` characters, and a caret under it. What
        would move the caret in some font (emoji, wide or joined letters) is cut off before it."""
        start = max(0, min(self.position - width // 2, len(self.query) - width + 1))
        unlike = [
            place
            for place in range(start, min(self.position, len(self.query)))
            if not _is_one_wide(self.query[place])
        ]
        start = unlike[-1] + 1 if unlike else start
        text = ("…" if start else "") + self.query[start : start + width - bool(start)]
        line = "".join(c if c.isprintable() else " " for c in text)
        return f"{line}\n{' ' * (self.position - start + bool(start))}^"


def _is_one_wide(character: str) -> bool:
    """Whether it takes one column of a code block, whatever the font, and stays in its place."""
    return character.isspace() or (
        unicodedata.east_asian_width(character) in ("Na", "N", "A")
        and unicodedata.category(character)[0] in "LNPZS"
        and unicodedata.category(character) not in ("So", "Sk", "Lo")
        and unicodedata.bidirectional(character) not in ("R", "AL", "AN")
    )


class UnknownField(QueryError):
    """A filter names a field that the directory does not have."""
