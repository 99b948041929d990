"""The Redis keys of one directory."""

from typing import NamedTuple


class Keys(NamedTuple):
    """In the order in which lua/ describes what they hold."""

    vset: str
    meta: str
    names: str
    words: str
    values: str
    counts: str
    fame: str
    history: str
    operations: str
    marks: str
    authors: str

    @classmethod
    def of(cls, vset: str) -> "Keys":
        """All on one cluster slot: that of the vector set, whose hash tag they share, or whose
        whole key is theirs."""
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
        """On the slot of the directory, and of no other one: no directory has braces in its
        name."""
        tag = f"{_tagged(self.vset)}:{{{purpose}}}"
        return Keys(*(f"{tag}:{field}" for field in self._fields))


TYPES = Keys(
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
"""What Redis says that they are."""


def _tagged(vset: str) -> str:
    return vset if "{" in vset else f"{{{vset}}}"
