"""The fields of a directory: their names and kinds."""

import re
from collections.abc import Mapping
from enum import StrEnum
from functools import lru_cache

from bot.errors import InvalidPerson
from bot.language import _

FIELDS_MAX = 40
NAME_SHOWN_MAX = 60  # characters of a refused name, in a message
_FIELD_NAME = re.compile(r"[a-z_][a-z0-9_]{0,31}")


class Kind(StrEnum):
    """The kind of a field's values."""

    NUMBER = "number"
    TEXT = "text"
    TAGS = "tags"
    FLAG = "flag"


def kind_name(kind: Kind) -> str:
    """Return what people call a kind of attribute."""
    match kind:
        case Kind.NUMBER:
            return _("number")
        case Kind.TEXT:
            return _("text")
        case Kind.TAGS:
            return _("tags")
        case Kind.FLAG:
            return _("yes/no")


Schema = Mapping[str, Kind]
"""The fields of a directory and their kinds, in the order in which they are stored."""

BASE_SCHEMA: Schema = {"born": Kind.NUMBER, "died": Kind.NUMBER}
"""The fields of every directory. They hold years."""

FAME_FIELDS = ("fame", "references")
"""The number fields that measure how well known a person is. The first that a person has counts."""

IMAGE_FIELD = "image"
"""The text field that holds the address of a person's picture."""

_QUERY_WORDS = ("and", "or", "not", "in", "is", "has", "no", "none", "null", "true", "false")
RESERVED_NAMES = frozenset({"name", "description", "_typed", "_foreign", *_QUERY_WORDS})
"""Names that no field may have: keys of the stored JSON, and words of the query languages."""


@lru_cache
def is_field_name(name: str) -> bool:
    """Whether a field may have this name."""
    return bool(_FIELD_NAME.fullmatch(name)) and name not in RESERVED_NAMES


def clean_field_name(name: str) -> str:
    """Return the name of a field as stored. Raises InvalidPerson."""
    name = name.strip().lower()
    if name in RESERVED_NAMES:
        message = _(
            'An attribute can\'t be called "{name}", because the bot uses that word itself.',
            name=name,
        )
        raise InvalidPerson(message)
    if not name:
        raise InvalidPerson(_("An attribute needs a name."))
    if not is_field_name(name):
        message = _(
            'An attribute can\'t be called "{name}". Use up to 32 of the characters a-z, 0-9 and '
            "_, without spaces and not starting with a digit.",
            name=name[:NAME_SHOWN_MAX],
        )
        raise InvalidPerson(message)
    return name
