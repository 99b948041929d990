"""The benchmarks measure what they report. They run on a few people, without the model and without
the peers' libraries."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
import pytest

from benchmarks import (
    bench_embedding,
    bench_import,
    bench_process,
    bench_search,
    bot_report,
    peer_report,
)
from benchmarks.bot_directory import open_bot
from benchmarks.comparison import PeerComparison, compare, select_contenders
from benchmarks.contenders import BRUTE_FORCE, CONTENDERS, WHOS_WHO
from benchmarks.dataset import Dataset, Vectors
from benchmarks.people import generate_people, generate_questions, make_dataset
from benchmarks.processes import resident_bytes, run_in_process
from benchmarks.recall import GroundTruth, RecallCounts
from benchmarks.reference import ReferenceEncoder
from benchmarks.timing import Times
from bot.directory.vector_search import SPARE
from bot.embedding import DEFAULT_MODEL
from tests.conftest import ROOT
from tests.embedders import WordEmbedder

SIZE = 200
BY_MODULE = {contender.module: contender for contender in CONTENDERS}
Result = TypeVar("Result")


class NamedWordEmbedder(WordEmbedder):
    """Has the name of the default model, with which the contender loads the people."""

    name = DEFAULT_MODEL


class WordReferenceEncoder(ReferenceEncoder):
    """Replaces sentence-transformers, and runs on the calling thread."""

    def __init__(self) -> None:
        self._embedder = NamedWordEmbedder()

    async def run(self, function: Callable[[], Result]) -> Result:
        return function()

    def encode_on_this_thread(self, text: str) -> Vectors:
        return np.full(NamedWordEmbedder.dimension, len(text), np.float32)

    async def encode(self, text: str) -> Vectors:
        return await self._embedder.embed(text)

    async def encode_all(self, texts: Sequence[str]) -> Vectors:
        return await self._embedder.embed_all(texts)


@pytest.fixture(scope="module")
async def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    people = list(islice(generate_people(), SIZE // 2))
    vectors = await NamedWordEmbedder().embed_all([person["description"] for person in people])
    folder = tmp_path_factory.mktemp("bench") / "dataset"
    dataset = make_dataset(people, vectors, SIZE, 5, folder)
    dataset.save()
    return dataset


@pytest.fixture(scope="module")
def comparison(dataset: Dataset) -> PeerComparison:
    contenders = [WHOS_WHO, BY_MODULE["raw_redis"], BY_MODULE["walkthrough"], BRUTE_FORCE]
    return compare(contenders, dataset, dataset.folder.parent, restarts=1)


def test_every_contender_answers_every_question(comparison: PeerComparison):
    for results in comparison.results.values():
        assert [len(result.answers) for result in results.values()] == [5] * 5
    results = comparison.results["whos_who"]
    expected = {case: result.recall_counts.expected for case, result in results.items()}
    assert expected == {"no filter": 50, "50 %": 50, "1 %": 10, "0.1 %": 5, "7 people": 35}


def test_brute_force_misses_nobody_and_the_bot_loses_nobody(comparison: PeerComparison):
    for case in comparison.cases:
        assert comparison.results["brute_force"][case.name].recall_counts.missed == 0
        assert comparison.results["whos_who"][case.name].recall_counts.lost == 0


def test_the_resource_use_of_every_contender_that_stores_people_is_measured(
    comparison: PeerComparison,
):
    assert set(comparison.resource_use) == {"whos_who", "walkthrough", "brute_force"}
    for use in comparison.resource_use.values():
        assert use.load_seconds > 0 and use.median_restart_seconds > 0 and use.memory_bytes > 0


def test_a_contender_that_would_load_too_long_is_left_out(comparison: PeerComparison):
    selected, exclusions = select_contenders(comparison, 10_000, 0)
    assert WHOS_WHO in selected and BRUTE_FORCE not in selected
    assert any(BRUTE_FORCE.name in sentence and "10,000" in sentence for sentence in exclusions)


@pytest.mark.parametrize(
    ("answer", "missed", "lost"),
    [([0, 1, 2], 0, 0), ([0, 1], 1, 1), ([], 3, 3), ([0, 1, 3], 1, 1), ([0, 1, 4], 0, 0)],
)
def test_missed_and_lost_people_are_counted_against_the_exact_answer(
    dataset: Dataset, answer: list[int], missed: int, lost: int, monkeypatch
):
    monkeypatch.setattr("benchmarks.recall.RESULT_COUNT", 3)
    cosines = np.array([1.0, 0.9, 0.8, 0.5, 0.8], np.float32)
    people = [{"rank": rank} for rank in range(5)]
    ground_truth = GroundTruth(Dataset(dataset.folder, people, cosines[:, None], cosines))
    counts = ground_truth.count([np.ones(1, np.float32)], None, [answer])
    assert counts == RecallCounts(3, missed, lost)


def test_the_page_reports_the_contenders(comparison: PeerComparison, tmp_path):
    sections = [
        peer_report.peers_section(comparison),
        peer_report.size_section(comparison, "x.svg"),
    ]
    page = "\n".join(map(str, sections))
    assert all(contender.name in page for contender in comparison.contenders)
    assert "Numpy, all in memory is faster" in page
    peer_report.draw_times(comparison, tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text().count("<circle") == 5 + 5 * 4


async def test_the_benchmarks_of_the_bot_yield_every_target(
    comparison: PeerComparison, dataset: Dataset, tmp_path
):
    embedder, reference = NamedWordEmbedder(), WordReferenceEncoder()
    texts = generate_questions(dataset.people)
    async with open_bot(dataset.folder.parent / "whos_who", embedder) as bot:
        directory = await bot.directory()
        searches: dict[tuple[int, str], Times] = {}
        conditions = bench_search.SEARCH_KINDS.values()
        async with bench_search.prepare_searches(bot, embedder, conditions) as setup:
            for kind, condition in bench_search.SEARCH_KINDS.items():
                plain_texts = await bench_search.texts_without_conditions(directory, texts, 3)
                searches[SIZE, kind] = await bench_search.time_searches(
                    setup, condition, embedder.embed, embedder.embed, plain_texts
                )
            plain, filtered = setup.commands.values()
            assert "FILTER" not in plain and "FILTER" in filtered
            for command in (plain, filtered):  # of the search, not of the similarity scale
                assert command[command.index("COUNT") + 1] == bench_search.RESULT_COUNT + SPARE
            concurrent = await bench_search.time_concurrent_searches(
                setup, embedder, list(islice(texts, 3 * bench_search.CONCURRENCY))
            )
        repeated = await bench_search.time_repeated_searches(directory, list(islice(texts, 3)))
    async with open_bot(tmp_path / "parts", embedder) as bot:
        parts = [dataset.people[:30], dataset.people[30:60]]
        (tmp_path / "loop").mkdir()
        imports = await bench_import.time_imports(bot, reference, parts, 10, tmp_path / "loop")
    folder = tmp_path / "whole"
    file_import = await bench_import.measure_file_import(embedder, dataset.file, folder)
    assert file_import.people == SIZE and 500 < file_import.redis_bytes < 10_000
    assert file_import.redis_bytes_by_key["vset"] > 0
    search_memory = await bench_process.search_memory(embedder, folder, list(islice(texts, 120)))
    times = {
        bench_embedding.BOT_ENCODE: [0.1],
        bench_embedding.BOT_EMBED: [0.1],
        bench_embedding.REFERENCE: [0.2],
    }
    results = bot_report.BotResults(
        main_size=SIZE,
        searches=searches,
        repeated=repeated,
        concurrent=concurrent,
        single=times,
        batches=times,
        min_cosine=0.99999,
        imports=imports,
        file_import=file_import,
        search_memory=search_memory,
        memory_searches=120,
        help_seconds=[0.5],
        largest=bot_report.LargestDirectory(SIZE, [0.1], 2**20),
    )
    is_met = {target.name: target.is_met for target in bot_report.list_targets(results)}
    assert len(is_met) == 14 and not is_met["`python -m bot --help`"]
    page = "\n".join(map(str, bot_report.sections(results)))
    assert "Not met: " in page and "0.50× (100 ms)" in page


def test_a_function_runs_in_a_fresh_process():
    assert run_in_process(resident_bytes) != resident_bytes()


def test_the_libraries_of_the_peers_are_pinned_and_every_contender_has_a_module():
    pinned = (ROOT / "requirements-bench.txt").read_text()
    group = (ROOT / "pyproject.toml").read_text().partition("bench = [")[2].partition("\n]")[0]
    libraries = [line.split('"')[1] for line in group.splitlines() if '"' in line]
    assert libraries and all(f"\n{library}==" in pinned for library in libraries)
    modules = {path.stem for path in (ROOT / "benchmarks" / "contenders").glob("*.py")}
    assert set(BY_MODULE) <= modules


def test_every_contender_names_the_store_of_its_module():
    for contender in CONTENDERS:
        source = (ROOT / "benchmarks" / "contenders" / f"{contender.module}.py").read_text()
        assert f"\nclass {contender.store}" in source
