"""Run all benchmarks in order, at full length or quickly."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from benchmarks import bench_embedding, bench_import, bench_process, bench_search
from benchmarks.bot_directory import open_bot
from benchmarks.bot_report import BotResults, LargestDirectory
from benchmarks.comparison import PeerComparison, compare, select_contenders
from benchmarks.contenders import CONTENDERS, WHOS_WHO
from benchmarks.dataset import Vectors
from benchmarks.people import generate_questions, make_dataset, read_people
from benchmarks.processes import run_in_process
from benchmarks.reference import ReferenceEncoder, encode_without_bot, load_reference
from benchmarks.timing import Times
from bot.embedding import Embedder

MAIN_SIZE = 20_000  # people; the targets apply to this size
IMPORT_PARTS = 3


@dataclass(frozen=True, kw_only=True)
class Workload:
    """How much is measured.

    ``people`` is how many of the file's people are embedded (None: all), ``sizes`` how many a
    contender stores. Contenders get ``questions`` and ``restarts``, and are left out if loading
    would take more than ``max_load_seconds``. ``searches`` are timed per kind, and
    ``memory_searches`` made by the process whose memory is measured. ``part_size`` people are
    imported per part of the timed imports, and ``loop_count`` of them added by the walkthrough's
    loop; ``file_import_people``, one of the sizes, are imported as one file.
    """

    sizes: Sequence[int]
    people: int | None
    questions: int
    restarts: int
    max_load_seconds: float
    searches: int
    memory_searches: int
    part_size: int
    loop_count: int
    file_import_people: int


FULL = Workload(
    sizes=(1_000, MAIN_SIZE, 100_000),
    people=None,
    questions=30,
    restarts=2,
    max_load_seconds=75,
    searches=120,
    memory_searches=10_000,
    part_size=2_000,
    loop_count=400,
    file_import_people=MAIN_SIZE,
)
QUICK = Workload(
    sizes=(1_000, MAIN_SIZE),
    people=1_500,
    questions=10,
    restarts=1,
    max_load_seconds=15,
    searches=30,
    memory_searches=1_000,
    part_size=320,
    loop_count=60,
    file_import_people=1_000,
)


async def measure(workload: Workload, folder: Path) -> tuple[list[PeerComparison], BotResults]:
    """Run all benchmarks, with files under ``folder``, which is empty."""
    people = read_people(workload.people)
    with Embedder() as embedder:
        _log("the model loads")
        reference = await load_reference(embedder)
        vectors = await reference.encode_all([person["description"] for person in people])
        comparisons = compare_all(workload, people, vectors, folder)
        benchmarks = _BotBenchmarks(workload, embedder, reference, people, folder)
        results = await benchmarks.measure(comparisons[-1])
    return comparisons, results


def compare_all(
    workload: Workload, people: Sequence[dict[str, Any]], vectors: Vectors, folder: Path
) -> list[PeerComparison]:
    """Compare the contenders at every size, each size in its own folder."""
    comparisons: list[PeerComparison] = []
    contenders, exclusions = list(CONTENDERS), []
    for size in workload.sizes:
        _log(f"{size:,} people")
        size_folder = folder / str(size)
        dataset = make_dataset(people, vectors, size, workload.questions, size_folder / "dataset")
        dataset.save()
        if comparisons:
            contenders, exclusions = select_contenders(
                comparisons[-1], size, workload.max_load_seconds
            )
        comparisons.append(compare(contenders, dataset, size_folder, workload.restarts))
        comparisons[-1].exclusions = exclusions
    return comparisons


class _BotBenchmarks:
    """The benchmarks of the bot alone, on the people that it loaded as a contender."""

    def __init__(
        self,
        workload: Workload,
        embedder: Embedder,
        reference: ReferenceEncoder,
        people: Sequence[dict[str, Any]],
        folder: Path,
    ) -> None:
        self._workload = workload
        self._embedder = embedder
        self._reference = reference
        self._people = people
        self._folder = folder
        self._texts = generate_questions(people)
        self._searches: dict[tuple[int, str], Times] = {}

    async def measure(self, largest: PeerComparison) -> BotResults:
        """Run all of them. ``largest`` is the comparison with the most people."""
        for size in self._workload.sizes:
            _log(f"searches of {size:,}")
            await self._measure_searches(size)
        _log("encoding")
        embedder, reference = self._embedder, self._reference
        descriptions = [person["description"] for person in self._people]
        single_count = 2 * self._workload.searches
        single = await bench_embedding.time_single_texts(
            embedder, reference, self._next_texts(single_count)
        )
        batches = await bench_embedding.time_batches(
            embedder, reference, descriptions[: 5 * bench_embedding.BATCH_SIZE]
        )
        cosine = await bench_embedding.min_cosine(embedder, reference, descriptions[:single_count])
        _log("imports")
        imports = await self._time_imports()
        file_import = run_in_process(
            bench_import.measure_file_import_with_model,
            self._folder / str(self._workload.file_import_people) / "dataset" / "people.jsonl",
            self._folder / "whole",
        )
        _log("many searches")
        search_memory = run_in_process(
            bench_process.search_memory_with_model,
            self._bot_folder(MAIN_SIZE),
            self._next_texts(self._workload.memory_searches),
        )
        use = largest.resource_use[WHOS_WHO.module]
        return BotResults(
            main_size=MAIN_SIZE,
            searches=self._searches,
            repeated=self._repeated,
            concurrent=self._concurrent,
            single=single,
            batches=batches,
            min_cosine=cosine,
            imports=imports,
            file_import=file_import,
            search_memory=search_memory,
            memory_searches=self._workload.memory_searches,
            help_seconds=bench_process.time_help(9),
            largest=LargestDirectory(largest.size, use.restart_seconds, use.load_peak_bytes),
        )

    async def _measure_searches(self, size: int) -> None:
        count = self._workload.searches
        async with open_bot(self._bot_folder(size), self._embedder) as bot:
            directory = await bot.directory()

            async def next_texts(count: int) -> list[str]:
                return await bench_search.texts_without_conditions(directory, self._texts, count)

            conditions = bench_search.SEARCH_KINDS.values()
            async with bench_search.prepare_searches(bot, self._embedder, conditions) as setup:
                for kind, condition in bench_search.SEARCH_KINDS.items():
                    self._searches[size, kind] = await bench_search.time_searches(
                        setup,
                        condition,
                        lambda text: encode_without_bot(self._embedder, text),
                        self._reference.encode,
                        await next_texts(count),
                    )
                if size == MAIN_SIZE:
                    self._repeated = await bench_search.time_repeated_searches(
                        directory, await next_texts(count)
                    )
                    rounds = max(3, count // 20)
                    texts = await next_texts(3 * bench_search.CONCURRENCY * rounds)
                    self._concurrent = await bench_search.time_concurrent_searches(
                        setup, self._embedder, texts
                    )

    async def _time_imports(self) -> Times:
        size = self._workload.part_size
        parts = [
            [
                {**person, "rank": start + number, "name": f"{person['name']} ({start + number})"}
                for number, person in enumerate(self._people[start : start + size])
            ]
            for start in range(0, IMPORT_PARTS * size, size)
        ]
        async with open_bot(self._folder / "parts", self._embedder) as bot:
            loop_count = self._workload.loop_count
            loop_folder = Path(mkdtemp(dir=self._folder))
            return await bench_import.time_imports(
                bot, self._reference, parts, loop_count, loop_folder
            )

    def _next_texts(self, count: int) -> list[str]:
        return list(islice(self._texts, count))

    def _bot_folder(self, size: int) -> Path:
        """Return the folder in which the bot, as a contender, stored this many people."""
        return self._folder / str(size) / WHOS_WHO.module


def _log(step: str) -> None:
    print(f"bench: {step}", file=sys.stderr, flush=True)
