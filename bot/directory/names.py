"""The names in a directory, by their beginnings and ends, case and accents aside."""

import difflib

from bot.directory.connection import Redis
from bot.directory.keys import Keys
from bot.person import fold

_NEAR_CANDIDATES = 500


class Names:
    """Looks names up in the two indexes that scripts.py keeps."""

    def __init__(self, redis: Redis, keys: Keys) -> None:
        self._redis = redis
        self._keys = keys

    async def all(self) -> list[str]:
        """All names, in their order."""
        return await self._range(self._keys.names, b"-", b"+", -1)

    async def called(self, name: str) -> list[str]:
        """The one name that is this, or none."""
        return await self._range(self._keys.names, *_exactly(name), 1)

    async def ending(self, words: str, count: int) -> list[str]:
        """Up to ``count`` names that end with these words, and have others before them."""
        return await self._range(self._keys.words, *_exactly(words), count)

    async def starting(self, prefix: str, count: int) -> list[str]:
        """Up to ``count`` names in which a word, or the whole, starts with ``prefix``, in the
        order of names; those where the first word does come first."""
        start = fold(prefix).encode("utf-8", "replace")
        limits = b"[" + start, b"[" + start + b"\xff"
        names = await self._range(self._keys.names, *limits, count)
        if start and len(names) < count:
            names += await self._range(self._keys.words, *limits, count)
        return list(dict.fromkeys(names))[:count]

    async def near(self, name: str) -> list[str]:
        """Up to three names like this one, among those that share the start of a word with it."""
        folded = fold(name)
        candidates = {
            fold(candidate): candidate
            for word in folded.split()[:5]
            for candidate in await self.starting(word[:3], _NEAR_CANDIDATES)
        }
        near = difflib.get_close_matches(folded, candidates, n=3, cutoff=0.6)
        return [candidates[match] for match in near]

    async def _range(self, key: str, first: bytes, last: bytes, count: int) -> list[str]:
        """The names behind the index entries from ``first`` to ``last``."""
        entries = await self._redis.execute("ZRANGE", key, first, last, "BYLEX", "LIMIT", 0, count)
        return [entry.partition("\0")[2] for entry in entries]


def _exactly(name: str) -> tuple[bytes, bytes]:
    folded = fold(name).encode("utf-8", "replace")
    return b"[" + folded + b"\0", b"(" + folded + b"\1"
