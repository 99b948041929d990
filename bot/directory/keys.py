"""The Redis keys of one directory."""

from typing import NamedTuple


class Keys(NamedTuple):
    """In the order of scripts/, which says what they hold."""

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
        tag = vset if "{" in vset else f"{{{vset}}}"
        return cls(vset, *(f"{tag}:{companion}" for companion in cls._fields[1:]))
