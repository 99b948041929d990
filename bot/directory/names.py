"""The names in a directory, by their beginnings and ends, case and accents aside."""

import difflib
import string
from collections.abc import Iterable, Mapping, Sequence

from bot.directory.lua import BEST_KNOWN
from bot.directory.redis import Argument
from bot.directory.storage import Storage
from bot.person import fold

CANDIDATES = 500  # names that begin alike, among which the best known are chosen
EDITED_MAX = 24  # letters of a slip that is looked for; longer ones would take too many look-ups
EDITED_MIN = 3
LETTERS_MAX = 64  # of the alphabets in which a slip may be
BATCH = 500  # look-ups in a pipeline
_BLOCK = 64  # code points, in which the letters of one script stand together


class NameIndex:
    """Looks names up in the indexes that lua/ keeps."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._redis = storage.redis
        self._keys = storage.keys

    async def all(self) -> list[str]:
        """All names, in their order."""
        return await self._range(self._keys.names, b"-", b"+", -1)

    async def at(self, places: Sequence[int]) -> list[str]:
        """The names at these places in their order, counted from 0; those that there are."""
        found = await self._redis.execute_all(
            [("ZRANGE", self._keys.names, place, place) for place in places]
        )
        return [_name(entry) for entries in found for entry in entries]

    async def page(self, start: int, count: int) -> list[str]:
        """Up to ``count`` names from the place ``start`` on, in their order."""
        entries = await self._redis.execute("ZRANGE", self._keys.names, start, start + count - 1)
        return [_name(entry) for entry in entries]

    async def called(self, name: str) -> list[str]:
        """The one name that is this, or none."""
        return await self._range(self._keys.names, *_exactly(name), 1)

    async def all_called(self, names: Iterable[str]) -> list[str]:
        """The names that are one of these, in the order of these."""
        folded = dict.fromkeys(map(fold, names))
        return await self._lookups(
            [_lookup(self._keys.names, *_exactly(name), 1) for name in folded]
        )

    async def told_apart(self, names: Iterable[str]) -> list[str]:
        """The names that are one of these with something in brackets: ``John Smith (1901)``."""
        folded = dict.fromkeys(map(fold, names))
        return await self._lookups(
            [_lookup(self._keys.names, *_in_brackets(name), -1) for name in folded]
        )

    async def called_or_ending(self, words: str, count: int) -> list[str]:
        """The name that is this, then names that are this with something in brackets, that tells
        apart, and then names that end with these words, or did before; up to ``count``."""
        exactly, apart = _exactly(words), _in_brackets(fold(words))
        there, called, *others = await self._redis.execute_all(
            [
                ("VISMEMBER", self._keys.vset, words),
                _lookup(self._keys.names, *exactly, 1),
                _lookup(self._keys.names, *apart, count),
                _lookup(self._keys.words, *exactly, count),
                _lookup(self._keys.words, *apart, count),
            ]
        )
        names = [words] if there else map(_name, called)
        return [*dict.fromkeys([*names, *(_name(e) for found in others for e in found)])][:count]

    async def starting(self, prefix: str, count: int) -> list[str]:
        """Up to ``count`` names in which a word, or the whole, starts with ``prefix``, in the
        order of names; those where the first word does come first."""
        limits = _beginning(fold(prefix))
        names = await self._range(self._keys.names, *limits, count)
        if fold(prefix) and len(names) < count:
            names += await self._range(self._keys.words, *limits, count)
        return list(dict.fromkeys(names))[:count]

    async def complete(self, prefix: str, count: int) -> list[str]:
        """Up to ``count`` names in which a word, or the whole, starts with ``prefix``, or else
        with what differs from it by one slip; the best known first, then by name."""
        names = await self.starting(prefix, CANDIDATES)
        if len(names) >= CANDIDATES:
            names = await self._best_known(fold(prefix)) + names
        if not names:
            names = await self._with_one_slip(fold(prefix))
        return await self._by_fame(list(dict.fromkeys(names)), count)

    async def near(self, name: str, likeness: float = 0.6) -> list[str]:
        """Up to three names like this one (as difflib measures it, up to 1), among those that share
        the start of a word with it."""
        folded = fold(name)
        candidates = {
            fold(candidate): candidate
            for word in folded.split()[:5]
            for candidate in await self.starting(word[:3], CANDIDATES)
        }
        near = difflib.get_close_matches(folded, candidates, n=3, cutoff=likeness)
        return [candidates[match] for match in near]

    async def _best_known(self, folded: str) -> list[str]:
        """Among the BEST_KNOWN, the names in which a word starts so."""
        names = await self._redis.execute("ZRANGE", self._keys.fame, 0, BEST_KNOWN - 1, "REV")
        return [name for name in names if f" {folded}" in f" {fold(name)}"]

    async def _by_fame(self, names: list[str], count: int) -> list[str]:
        """Up to ``count`` of these names, the best known first."""
        scores = await self._redis.execute("ZMSCORE", self._keys.fame, *names) if names else []
        fame = dict(zip(names, scores, strict=True))
        others = [name for name, score in fame.items() if score is None]
        if len(names) - len(others) < count:  # else these are less known than all who are wanted
            fame |= await self._fame_of(others)
        known = {name: float(score) for name, score in fame.items() if score is not None}
        return sorted(names, key=lambda name: -known.get(name, float("-inf")))[:count]

    async def _fame_of(self, names: Sequence[str]) -> Mapping[str, str]:
        """How well those of these people are known who are not among the best known."""
        found = await self._storage.call("get_fame", *names)
        return {name: known for name, known in zip(names, found, strict=False) if known}

    async def _with_one_slip(self, folded: str) -> list[str]:
        if not EDITED_MIN <= len(folded) <= EDITED_MAX:
            return []
        return await self._lookups(
            [
                _lookup(key, *_beginning(slip), CANDIDATES)
                for slip in _slips(folded)
                for key in (self._keys.names, self._keys.words)
            ]
        )

    async def _lookups(self, commands: Sequence[Sequence[Argument]]) -> list[str]:
        names: list[str] = []
        for start in range(0, len(commands), BATCH):
            for entries in await self._redis.execute_all(commands[start : start + BATCH]):
                names += map(_name, entries)
        return names

    async def _range(self, key: str, first: bytes, last: bytes, count: int) -> list[str]:
        entries = await self._redis.execute(*_lookup(key, first, last, count))
        return [_name(entry) for entry in entries]


def _slips(text: str) -> list[str]:
    """What differs from ``text`` by one letter more, less or other, or by two letters swapped."""
    letters = string.ascii_lowercase if text.isascii() else _letters_like(text)
    if len(letters) > LETTERS_MAX:  # Chinese, say: no slips of one letter for another
        letters = ""
    splits = [(text[:place], text[place:]) for place in range(len(text) + 1)]
    slips = [before + after[1:] for before, after in splits if after]
    slips += [before + after[1::-1] + after[2:] for before, after in splits if len(after) > 1]
    slips += [
        before + letter + after[1:] for before, after in splits if after for letter in letters
    ]
    slips += [before + letter + after for before, after in splits[:-1] for letter in letters]
    return list(dict.fromkeys(slip for slip in slips if slip.strip() and slip != text))


def _letters_like(text: str) -> str:
    """The letters of the scripts that ``text`` is written in, as far as folding keeps them."""
    blocks = {ord(character) // _BLOCK for character in text if character.isalpha()}
    letters = (chr(block * _BLOCK + place) for block in sorted(blocks) for place in range(_BLOCK))
    return "".join(c for c in letters if c.isalpha() and fold(c) == c)


def _lookup(key: str, first: bytes, last: bytes, count: int) -> tuple[Argument, ...]:
    """The command for up to ``count`` entries of an index from ``first`` to ``last``."""
    return ("ZRANGE", key, first, last, "BYLEX", "LIMIT", 0, count)


def _name(entry: str) -> str:
    """The name behind an index entry."""
    return entry.partition("\0")[2]


def _beginning(folded: str) -> tuple[bytes, bytes]:
    start = folded.encode("utf-8", "replace")
    return b"[" + start, b"[" + start + b"\xff"


def _in_brackets(folded: str) -> tuple[bytes, bytes]:
    start = folded.encode("utf-8", "replace")
    return b"[" + start + b" (", b"(" + start + b" )"


def _exactly(name: str) -> tuple[bytes, bytes]:
    folded = fold(name).encode("utf-8", "replace")
    return b"[" + folded + b"\0", b"(" + folded + b"\1"
