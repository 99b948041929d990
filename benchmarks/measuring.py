"""All that is measured, in its order, and how much of it."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from benchmarks import embedding, importing, searching, staying
from benchmarks.comparison import Compared, able, compare
from benchmarks.contenders import CONTENDERS, OURS
from benchmarks.crowd import Vectors
from benchmarks.encoding import Reference, encode_alone, load_reference
from benchmarks.ours import opened
from benchmarks.own import Own, Restarts
from benchmarks.people import crowd_of, question_texts, read_people
from benchmarks.processes import apart
from benchmarks.timing import Times
from bot.embedding import Embedder

MAIN = 20_000  # people, of whom the targets speak
PARTS = 3  # of an import


@dataclass(frozen=True, kw_only=True)
class Extent:
    """How much is measured. ``people`` of the file (None: all) are embedded; ``questions`` are
    asked of the contenders, who are restarted ``restarts`` times, and have ``load_seconds`` to
    load. ``searches`` of a kind are timed, and ``stayed`` made by a process that stays. An import
    has parts of ``part`` people, ``looped`` of whom the walkthrough adds; and ``whole`` people are
    imported as one file."""

    sizes: Sequence[int]
    people: int | None
    questions: int
    restarts: int
    load_seconds: float
    searches: int
    stayed: int
    part: int
    looped: int
    whole: int


FULL = Extent(
    sizes=(1_000, MAIN, 100_000),
    people=None,
    questions=30,
    restarts=2,
    load_seconds=75,
    searches=120,
    stayed=10_000,
    part=2_000,
    looped=400,
    whole=MAIN,
)
QUICK = Extent(
    sizes=(1_000, MAIN),
    people=1_500,
    questions=10,
    restarts=1,
    load_seconds=15,
    searches=30,
    stayed=1_000,
    part=320,
    looped=60,
    whole=1_000,
)


async def measure(extent: Extent, folder: Path) -> tuple[list[Compared], Own]:
    """Everything, with files under ``folder``, which is empty."""
    people = read_people(extent.people)
    with Embedder() as embedder:
        _now("the model loads")
        reference = await load_reference(embedder)
        descriptions = [person["description"] for person in people]
        vectors = await reference.encode_all(descriptions)
        compared = compare_all(extent, people, vectors, folder)
        own = await _Ours(extent, embedder, reference, people, folder).measure(compared[-1])
    return compared, own


def compare_all(
    extent: Extent, people: Sequence[dict[str, Any]], vectors: Vectors, folder: Path
) -> list[Compared]:
    """The contenders at every size, each under a folder of its own."""
    compared: list[Compared] = []
    contenders, left_out = list(CONTENDERS), []
    for size in extent.sizes:
        _now(f"{size:,} people")
        there = folder / str(size)
        crowd = crowd_of(people, vectors, size, extent.questions, there / "crowd")
        crowd.save()
        if compared:
            contenders, left_out = able(compared[-1], size, extent.load_seconds)
        compared.append(compare(contenders, crowd, there, extent.restarts))
        compared[-1].left_out = left_out
    return compared


class _Ours:
    """What is measured of the bot alone, on the people that it loaded as a contender."""

    def __init__(
        self,
        extent: Extent,
        embedder: Embedder,
        reference: Reference,
        people: Sequence[dict[str, Any]],
        folder: Path,
    ) -> None:
        self._extent = extent
        self._embedder = embedder
        self._reference = reference
        self._people = people
        self._folder = folder
        self._texts = question_texts(people)
        self._searches: dict[tuple[int, str], Times] = {}

    async def measure(self, largest: Compared) -> Own:
        for size in self._extent.sizes:
            _now(f"searches of {size:,}")
            await self._search(size)
        _now("encoding")
        descriptions = [person["description"] for person in self._people]
        most = 2 * self._extent.searches
        batches = descriptions[: 5 * embedding.BATCH]
        single = await embedding.single_times(self._embedder, self._reference, self._some(most))
        batched = await embedding.batch_times(self._embedder, self._reference, batches)
        least = await embedding.least_cosine(self._embedder, self._reference, descriptions[:most])
        _now("imports")
        imports = await self._import()
        whole = apart(
            importing.import_whole,
            self._folder / str(self._extent.whole) / "crowd" / "people.jsonl",
            self._folder / "whole",
        )
        _now("many searches")
        stayed = apart(
            staying.memory_over_searches, self._bot_s(MAIN), self._some(self._extent.stayed)
        )
        kept = largest.kept[OURS.module]
        return Own(
            main=MAIN,
            searches=self._searches,
            repeated=self._repeated,
            crowded=self._crowded,
            single=single,
            batches=batched,
            cosine=least,
            imports=imports,
            whole=whole,
            stayed=stayed,
            searched=self._extent.stayed,
            help=staying.help_seconds(9),
            largest=Restarts(largest.size, kept.restarts, kept.load_peak),
        )

    async def _search(self, size: int) -> None:
        async with opened(self._bot_s(size), self._embedder) as bot:
            directory = await bot.directory()

            async def plain(count: int) -> list[str]:
                return await searching.plain(directory, self._texts, count)

            async with searching.asker(bot, self._embedder, searching.KINDS.values()) as asker:
                for kind, condition in searching.KINDS.items():
                    self._searches[size, kind] = await searching.search_times(
                        asker,
                        condition,
                        lambda text: encode_alone(self._embedder, text),
                        self._reference.encode,
                        await plain(self._extent.searches),
                    )
                if size == MAIN:
                    texts = await plain(self._extent.searches)
                    self._repeated = await searching.repeated_times(directory, texts)
                    rounds = max(3, self._extent.searches // 20)
                    texts = await plain(3 * searching.AT_ONCE * rounds)
                    self._crowded = await searching.crowded_times(asker, self._embedder, texts)

    async def _import(self) -> Times:
        size = self._extent.part
        parts = [
            [
                {**person, "rank": start + number, "name": f"{person['name']} ({start + number})"}
                for number, person in enumerate(self._people[start : start + size])
            ]
            for start in range(0, PARTS * size, size)
        ]
        async with opened(self._folder / "parts", self._embedder) as bot:
            looped = self._extent.looped
            where = Path(mkdtemp(dir=self._folder))
            return await importing.import_times(bot, self._reference, parts, looped, where)

    def _some(self, count: int) -> list[str]:
        return list(islice(self._texts, count))

    def _bot_s(self, size: int) -> Path:
        """The folder in which the bot as a contender keeps so many."""
        return self._folder / str(size) / OURS.module


def _now(what: str) -> None:
    print(f"bench: {what}", file=sys.stderr, flush=True)
