"""The Redis keys of one directory."""

from typing import NamedTuple


class Keys(NamedTuple):
    """The key of a directory's vector set and its companion keys, in the order in which
    lua/directory.lua takes them. The scores of sorted sets are 0, except in fame."""

    vset: str
    """The vector set; an element is a person's name as displayed."""

    meta: str
    """Hash: schema (JSON: field to kind, in order), model, format; changes (counts changes to the
    directory); values (a number that changes with the set of values); operations, authors (the last
    numbers used); held (people in the history); open:SOURCE (the operation that an interrupted
    import or undo continues); left (when the bot left the server, ms); least_known (the least fame
    in the index; absent if it has everyone's); next_model (the one that everyone is being embedded
    with); token (identifies the copy that is being restored under these keys)."""

    names: str
    """Sorted set: folded name NUL name, to find and list people by name."""

    words: str
    """Sorted set: the folded name from each later word on, NUL name."""

    values: str
    """Sorted set: field NUL folded value NUL value as typed, of texts and tags."""

    counts: str
    """Hash: for each member of values, how many people have it."""

    fame: str
    """Sorted set: the best-known people, by the first of FAME_FIELDS they have."""

    history: str
    """Stream: the entries of the history."""

    operations: str
    """Hash: number to header (JSON), which lua/directory.lua describes."""

    marks: str
    """Sorted set: which operations there are (all), which changed a person (who; step, with digests
    of names), which are an author's (by), and which entries changed the schema (schema)."""

    authors: str
    """Hash: id:ID to mark, and author:MARK to ID NUL name."""

    @classmethod
    def of(cls, vset: str) -> "Keys":
        """Return the keys of the directory with this vector set. All are on one cluster slot: their
        hash tag is that of the vector set's key or, if it has none, the whole key."""
        return cls(vset, *(f"{_tagged(vset)}:{companion}" for companion in cls._fields[1:]))

    @property
    def staged(self) -> "Keys":
        """The keys under which a directory is restored, until it replaces this one."""
        return self._temporary("restored")

    @property
    def next_vset(self) -> str:
        """The key of the vector set of a different model, until it replaces this one's."""
        return self._temporary("next").vset

    def _temporary(self, purpose: str) -> "Keys":
        """Return keys on the same slot. No directory has them as its own, because no directory has
        braces in its name."""
        tag = f"{_tagged(self.vset)}:{{{purpose}}}"
        return Keys(*(f"{tag}:{field}" for field in self._fields))


REDIS_TYPES = Keys(
    vset="vectorset",
    meta="hash",
    names="zset",
    words="zset",
    values="zset",
    counts="hash",
    fame="zset",
    history="stream",
    operations="hash",
    marks="zset",
    authors="hash",
)
"""What the command TYPE returns for each key."""


def _tagged(vset: str) -> str:
    return vset if "{" in vset else f"{{{vset}}}"
