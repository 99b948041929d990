"""Expected failures, each with a message for the user. Anything else that is raised is a bug.

DirectoryError
├── SettingError                a setting, or the server it names, has to be changed
├── DirectoryUnavailable        Redis doesn't answer, or refuses
│   ├── CommandRefused          Redis would refuse this command at any time
│   └── DirectoryKeepsChanging  a directory changed during each attempt to read all of it
├── DirectoryNotFound           no directory of that name
├── DirectoryEmpty              no people in the directory yet
├── FieldsChanged               the fields of a search were renamed or removed meanwhile
├── PersonNotFound              no person of that name
├── PersonExists                the name is taken
├── PersonChanged               someone else edited the person meanwhile
├── ChangeNotFound              no operation with that number in the history
├── NotUndone                   an operation that can't be undone
├── InvalidPerson               a name, description or attribute that can't be stored
└── QueryError                  a query that can't be understood, with the position
    └── UnknownField            a filter on a field that the directory doesn't have
"""

import unicodedata
from collections.abc import Sequence
from typing import Any

from bot.language import _, format_list

NAME_SHOWN_MAX = 100  # characters of a typed name in a message


class DirectoryError(Exception):
    """An expected failure; ``str()`` is the message for the user."""


class SettingError(DirectoryError):
    """A setting, or the server it names, has to be changed first."""


class DirectoryUnavailable(DirectoryError):
    """Redis doesn't answer, or refuses the command."""


class CommandRefused(DirectoryUnavailable):
    """Redis refuses a command, and would refuse it at any time."""


class DirectoryKeepsChanging(DirectoryUnavailable):
    """A directory changed during each attempt to read all of it."""

    def __init__(self) -> None:
        super().__init__(
            _("The directory keeps changing. Try again when fewer people are editing.")
        )


class DirectoryNotFound(DirectoryError):
    def __init__(self, name: str, existing: Sequence[str]) -> None:
        if existing:
            message = _(
                "There's no directory called {name}. The directories are {names}.",
                name=name,
                names=format_list(existing),
            )
        else:
            message = _(
                "There's no directory called {name}. There are no directories yet.", name=name
            )
        super().__init__(message)


class DirectoryEmpty(DirectoryError):
    def __init__(self) -> None:
        super().__init__(
            _(
                "There's nobody here yet. "
                "Anyone who can manage the server can add people with /addperson."
            )
        )


class FieldsChanged(DirectoryError):
    """The fields of a search were renamed or removed while it ran."""

    def __init__(self) -> None:
        super().__init__(_("Someone just changed the directory's attributes. Try again."))


class PersonNotFound(DirectoryError):
    """Nobody has this name; ``similar`` are up to three similar names."""

    def __init__(self, name: str, similar: Sequence[str] = ()) -> None:
        shown = name if len(name) <= NAME_SHOWN_MAX else f"{name[:NAME_SHOWN_MAX]}…"
        if similar:
            message = _(
                "Nobody here is called {name}. Did you mean {names}?",
                name=shown,
                names=format_list(similar, "or"),
            )
        else:
            message = _("Nobody here is called {name}.", name=shown)
        super().__init__(message)


class PersonExists(DirectoryError):
    def __init__(self, name: str) -> None:
        super().__init__(
            _(
                "{name} is already here. Edit that person, or add the new one under a different "
                "name.",
                name=name,
            )
        )


class PersonChanged(DirectoryError):
    """Someone else has changed the person. ``current`` is the person now (a bot.person.Person), or
    None if that isn't known."""

    def __init__(self, name: str, current: Any) -> None:
        super().__init__(
            _("Someone else is changing {name}. Nothing was saved; try again.", name=name)
        )
        self.current = current


class ChangeNotFound(DirectoryError):
    def __init__(self, number: int) -> None:
        super().__init__(
            _(
                "There's no change #{number} in the history. /history lists the changes.",
                number=str(number),
            )
        )


class NotUndone(DirectoryError):
    """An operation can't be undone; nothing was changed."""


class InvalidPerson(DirectoryError):
    """A value can't be stored; nothing was changed."""


class QueryError(DirectoryError):
    """A query can't be understood at ``position``, in characters from 0."""

    def __init__(self, message: str, query: str, position: int) -> None:
        super().__init__(message)
        self.query = query
        self.position = position

    def pointer(self, width: int = 60) -> str:
        """Return the query around the position, cut to ``width`` characters, with a caret under it.
        Characters that would shift the caret in some font (emoji, wide or joined letters) are cut
        off before it."""
        start = max(0, min(self.position - width // 2, len(self.query) - width + 1))
        shifting = [
            index
            for index in range(start, min(self.position, len(self.query)))
            if not _is_one_column(self.query[index])
        ]
        start = shifting[-1] + 1 if shifting else start
        text = ("…" if start else "") + self.query[start : start + width - bool(start)]
        line = "".join(c if c.isprintable() else " " for c in text)
        return f"{line}\n{' ' * (self.position - start + bool(start))}^"


def _is_one_column(character: str) -> bool:
    """Return whether the character takes exactly one column of a code block in any font."""
    return character.isspace() or (
        unicodedata.east_asian_width(character) in ("Na", "N", "A")
        and unicodedata.category(character)[0] in "LNPZS"
        and unicodedata.category(character) not in ("So", "Sk", "Lo")
        and unicodedata.bidirectional(character) not in ("R", "AL", "AN")
    )


class UnknownField(QueryError):
    """A filter names a field that the directory doesn't have."""
