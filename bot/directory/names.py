"""The names in a directory, indexed by their words, regardless of case and accents."""

import string
from collections.abc import Iterable, Sequence

from bot.directory.lua import BEST_KNOWN
from bot.directory.redis import Argument, range_by_prefix
from bot.directory.storage import Storage
from bot.person import fold, similarly_spelt

MAX_CANDIDATES = 500  # names with the same beginning, of which the best known are chosen
MISSPELT_LENGTHS = range(3, 25)  # letters; correcting longer text would take too many look-ups
MAX_ALPHABET = 64  # letters that are tried in place of a wrong one
MAX_SUGGESTIONS = 3  # names similar to one that doesn't exist
SUGGESTION_WORDS = 5  # words of a name whose beginnings are looked up to find similar names
BATCH = 500  # look-ups in a pipeline
_BLOCK = 64  # code points; the letters of one script share a few blocks of this size


class NameIndex:
    """Looks up names in the indexes that the scripts in lua/ maintain."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._redis = storage.redis
        self._keys = storage.keys

    # All of them

    async def all(self) -> list[str]:
        """Return all names, in order."""
        return await self._range(self._keys.names, "", -1)

    async def at(self, positions: Sequence[int]) -> list[str]:
        """Return the names at these positions in the order of names, counted from 0, skipping
        positions past the end."""
        found = await self._redis.execute_all(
            [("ZRANGE", self._keys.names, position, position) for position in positions]
        )
        return [name_of(entry) for entries in found for entry in entries]

    async def page(self, start: int, count: int) -> list[str]:
        """Return up to ``count`` names from position ``start`` on, in order."""
        entries = await self._redis.execute("ZRANGE", self._keys.names, start, start + count - 1)
        return [name_of(entry) for entry in entries]

    # Whole names

    async def find(self, names: Iterable[str]) -> list[str]:
        """Return the names in the index that are equal to these, regardless of case and accents,
        in the same order."""
        folded = dict.fromkeys(map(fold, names))
        return await self._look_up([self.find_command(name) for name in folded])

    def find_command(self, name: str) -> tuple[Argument, ...]:
        """Return the command that reads the index entry of a name, regardless of case and
        accents. See ``name_of``."""
        return range_by_prefix(self._keys.names, f"{fold(name)}\0", 1)

    async def find_disambiguated(self, names: Iterable[str]) -> list[str]:
        """Return the names in the index that are one of these followed by something in brackets,
        like ``John Smith (1901)``."""
        folded = dict.fromkeys(map(fold, names))
        return await self._look_up(
            [range_by_prefix(self._keys.names, f"{name} (") for name in folded]
        )

    async def find_or_ending_with(self, words: str, count: int) -> list[str]:
        """Return up to ``count`` names: the one equal to ``words``, then those that are ``words``
        followed by something in brackets, and then those that end with ``words``, with or without
        something in brackets."""
        equal, with_bracket = f"{fold(words)}\0", f"{fold(words)} ("
        exists, found, *others = await self._redis.execute_all(
            [
                ("VISMEMBER", self._keys.vset, words),
                range_by_prefix(self._keys.names, equal, 1),
                range_by_prefix(self._keys.names, with_bracket, count),
                range_by_prefix(self._keys.words, equal, count),
                range_by_prefix(self._keys.words, with_bracket, count),
            ]
        )
        names = [words] if exists else [name_of(entry) for entry in found]
        names += [name_of(entry) for entries in others for entry in entries]
        return list(dict.fromkeys(names))[:count]

    # Parts of names

    async def starting_with(self, prefix: str, count: int) -> list[str]:
        """Return up to ``count`` names that start with ``prefix``, in order, then names with a
        later word that starts with it."""
        folded = fold(prefix)
        names = await self._range(self._keys.names, folded, count)
        if folded and len(names) < count:
            names += await self._range(self._keys.words, folded, count)
        return list(dict.fromkeys(names))[:count]

    async def complete(self, prefix: str, count: int) -> list[str]:
        """Return up to ``count`` names in which a word starts with ``prefix``, best known first. If
        there are none, assume one typing error in ``prefix``."""
        names = await self.starting_with(prefix, MAX_CANDIDATES)
        if len(names) >= MAX_CANDIDATES:
            names = await self._best_known_starting_with(fold(prefix)) + names
        if not names:
            names = await self._complete_misspelt(fold(prefix))
        return await self._best_known_of(list(dict.fromkeys(names)), count)

    async def similar(self, name: str, min_similarity: float = 0.6) -> list[str]:
        """Return up to MAX_SUGGESTIONS names that are spelt like this one (see similarly_spelt),
        among those that share the beginning of a word with it."""
        candidates = [
            candidate
            for word in fold(name).split()[:SUGGESTION_WORDS]
            for candidate in await self.starting_with(word[:3], MAX_CANDIDATES)
        ]
        return similarly_spelt(
            name, candidates, limit=MAX_SUGGESTIONS, min_similarity=min_similarity
        )

    async def _complete_misspelt(self, folded: str) -> list[str]:
        if len(folded) not in MISSPELT_LENGTHS:
            return []
        return await self._look_up(
            [
                range_by_prefix(key, correction, MAX_CANDIDATES)
                for correction in _corrections(folded)
                for key in (self._keys.names, self._keys.words)
            ]
        )

    # By fame

    async def _best_known_starting_with(self, folded: str) -> list[str]:
        """Return the BEST_KNOWN names in which a word starts with a prefix."""
        names = await self._redis.execute("ZRANGE", self._keys.fame, 0, BEST_KNOWN - 1, "REV")
        return [name for name in names if f" {folded}" in f" {fold(name)}"]

    async def _best_known_of(self, names: list[str], count: int) -> list[str]:
        """Return up to ``count`` of these names, best known first."""
        scores: Sequence[str | None] = []
        if names:
            scores = await self._redis.execute("ZMSCORE", self._keys.fame, *names)
        fame = dict(zip(names, scores, strict=True))
        others = [name for name, score in fame.items() if score is None]
        # Those who aren't in the fame index are less known than those who are.
        if len(names) - len(others) < count:
            found = await self._storage.call("get_fame", *others)
            fame |= {name: known for name, known in zip(others, found, strict=False) if known}
        known = {name: float(score) for name, score in fame.items() if score is not None}
        return sorted(names, key=lambda name: -known.get(name, float("-inf")))[:count]

    # Commands

    async def _look_up(self, commands: Sequence[Sequence[Argument]]) -> list[str]:
        names: list[str] = []
        for start in range(0, len(commands), BATCH):
            for entries in await self._redis.execute_all(commands[start : start + BATCH]):
                names += [name_of(entry) for entry in entries]
        return names

    async def _range(self, key: str, prefix: str, count: int) -> list[str]:
        entries = await self._redis.execute(*range_by_prefix(key, prefix, count))
        return [name_of(entry) for entry in entries]


def _corrections(text: str) -> list[str]:
    """Return every text that differs from this one by one typing error: one letter too many, too
    few or wrong, or two letters swapped."""
    letters = string.ascii_lowercase if text.isascii() else _alphabet(text)
    if len(letters) > MAX_ALPHABET:  # such as Chinese: wrong or missing letters aren't corrected
        letters = ""
    splits = [(text[:index], text[index:]) for index in range(len(text) + 1)]
    corrections = [before + after[1:] for before, after in splits if after]
    corrections += [before + after[1::-1] + after[2:] for before, after in splits if len(after) > 1]
    corrections += [
        before + letter + after[1:] for before, after in splits if after for letter in letters
    ]
    corrections += [before + letter + after for before, after in splits[:-1] for letter in letters]
    return list(dict.fromkeys(each for each in corrections if each.strip() and each != text))


def _alphabet(text: str) -> str:
    """Return the folded letters of the scripts that ``text`` is written in."""
    blocks = {ord(character) // _BLOCK for character in text if character.isalpha()}
    letters = (chr(block * _BLOCK + index) for block in sorted(blocks) for index in range(_BLOCK))
    return "".join(c for c in letters if c.isalpha() and fold(c) == c)


def name_of(entry: str) -> str:
    """Return the name in an index entry: folded text, NUL, name."""
    return entry.partition("\0")[2]
