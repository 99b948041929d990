"""The measuring code measures, and its page says what it measured: on a few people, without the
model and without the peers' libraries."""

from collections.abc import Callable, Sequence
from itertools import islice
from typing import TypeVar

import numpy as np
import pytest

from benchmarks import embedding, importing, own, peers, searching, staying
from benchmarks.comparison import Compared, able, compare
from benchmarks.contenders import BRUTE, CONTENDERS, OURS
from benchmarks.crowd import Crowd, Vectors
from benchmarks.encoding import Reference
from benchmarks.judging import Judge, Judgement
from benchmarks.ours import opened
from benchmarks.people import crowd_of, made_up, question_texts
from benchmarks.processes import apart, memory
from benchmarks.timing import Times
from bot.directory.vector_search import SPARE
from bot.embedding import DEFAULT_MODEL
from tests.conftest import ROOT
from tests.embedders import WordEmbedder

SIZE = 200
MODULES = {contender.module: contender for contender in CONTENDERS}
Answer = TypeVar("Answer")


class NamedWords(WordEmbedder):
    """By the name of the model that the people were loaded by, as a contender."""

    name = DEFAULT_MODEL


class WordReference(Reference):
    """In place of sentence-transformers, on this thread."""

    def __init__(self) -> None:
        self._words = NamedWords()

    async def run(self, work: Callable[[], Answer]) -> Answer:
        return work()

    def encode_here(self, text: str) -> Vectors:
        return np.full(NamedWords.dimension, len(text), np.float32)

    async def encode(self, text: str) -> Vectors:
        return await self._words.embed(text)

    async def encode_all(self, texts: Sequence[str]) -> Vectors:
        return await self._words.embed_all(texts)


@pytest.fixture(scope="module")
async def crowd(tmp_path_factory: pytest.TempPathFactory) -> Crowd:
    people = list(islice(made_up(), SIZE // 2))
    vectors = await NamedWords().embed_all([person["description"] for person in people])
    crowd = crowd_of(people, vectors, SIZE, 5, tmp_path_factory.mktemp("bench") / "crowd")
    crowd.save()
    return crowd


@pytest.fixture(scope="module")
def compared(crowd: Crowd) -> Compared:
    contenders = [OURS, MODULES["redis_alone"], MODULES["walkthrough"], BRUTE]
    return compare(contenders, crowd, crowd.folder.parent, restarts=1)


def test_every_contender_answers_every_question(compared: Compared):
    for asked in compared.asked.values():
        assert [len(asking.answers) for asking in asked.values()] == [5] * 5
    wanted = {case: asking.judgement.wanted for case, asking in compared.asked["ours"].items()}
    assert wanted == {"no filter": 50, "50 %": 50, "1 %": 10, "0.1 %": 5, "7 people": 35}


def test_the_exact_contender_misses_nobody_and_the_bot_loses_nobody(compared: Compared):
    for case in compared.cases:
        assert compared.asked["brute"][case.name].judgement.missed == 0
        assert compared.asked["ours"][case.name].judgement.lost == 0


def test_what_is_kept_is_measured(compared: Compared):
    assert set(compared.kept) == {"ours", "walkthrough", "brute"}  # the other has no people
    for kept in compared.kept.values():
        assert kept.load > 0 and kept.restart > 0 and kept.memory > 0


def test_who_would_load_too_long_is_left_out(compared: Compared):
    there, left_out = able(compared, 10_000, 0)
    assert OURS in there and BRUTE not in there
    assert any(BRUTE.name in sentence and "10,000" in sentence for sentence in left_out)


@pytest.mark.parametrize(
    ("answer", "missed", "lost"),
    [([0, 1, 2], 0, 0), ([0, 1], 1, 1), ([], 3, 3), ([0, 1, 3], 1, 1), ([0, 1, 4], 0, 0)],
)
def test_whom_an_answer_missed(
    crowd: Crowd, answer: list[int], missed: int, lost: int, monkeypatch
):
    monkeypatch.setattr("benchmarks.judging.COUNT", 3)
    cosines = np.array([1.0, 0.9, 0.8, 0.5, 0.8], np.float32)
    people = [{"rank": rank} for rank in range(5)]
    judge = Judge(Crowd(crowd.folder, people, cosines[:, None], cosines))
    judged = judge.judge([np.ones(1, np.float32)], None, [answer])
    assert judged == Judgement(3, missed, lost)


def test_the_page_of_the_contenders(compared: Compared, tmp_path):
    said = f"{peers.introduction(compared)}\n{peers.section(compared, 'x.svg')}"
    assert all(contender.name in said for contender in compared.contenders)
    assert "Numpy, all in memory is faster" in said
    peers.draw_times(compared, tmp_path / "x.svg")
    assert (tmp_path / "x.svg").read_text().count("<circle") == 5 + 5 * 4


async def test_all_of_our_own(compared: Compared, crowd: Crowd, tmp_path):
    words, reference = NamedWords(), WordReference()
    texts = question_texts(crowd.people)
    async with opened(crowd.folder.parent / "ours", words) as bot:
        directory = await bot.directory()
        searches: dict[tuple[int, str], Times] = {}
        async with searching.asker(bot, words, searching.KINDS.values()) as asker:
            for kind, condition in searching.KINDS.items():
                some = await searching.plain(directory, texts, 3)
                searches[SIZE, kind] = await searching.search_times(
                    asker, condition, words.embed, words.embed, some
                )
            plain, filtered = asker.heard.commands.values()
            assert "FILTER" not in plain and "FILTER" in filtered
            for command in (plain, filtered):  # the search's own, not what measures the directory
                assert command[command.index("COUNT") + 1] == searching.COUNT + SPARE
            crowd_of_texts = list(islice(texts, 3 * searching.AT_ONCE))
            crowded = await searching.crowded_times(asker, words, crowd_of_texts)
        repeated = await searching.repeated_times(directory, list(islice(texts, 3)))
    async with opened(tmp_path / "parts", words) as bot:
        parts = [crowd.people[:30], crowd.people[30:60]]
        (tmp_path / "loop").mkdir()
        imports = await importing.import_times(bot, reference, parts, 10, tmp_path / "loop")
    whole = await importing.whole_import(words, crowd.file, tmp_path / "whole")
    assert whole.people == SIZE and 500 < whole.redis < 10_000 and whole.by_key["vset"] > 0
    stayed = await staying.memory_over(words, tmp_path / "whole", list(islice(texts, 120)))
    times = {embedding.OURS: [0.1], embedding.WHOLE: [0.1], embedding.THEIRS: [0.2]}
    ours = own.Own(
        main=SIZE,
        searches=searches,
        repeated=repeated,
        crowded=crowded,
        single=times,
        batches=times,
        cosine=0.99999,
        imports=imports,
        whole=whole,
        stayed=stayed,
        searched=120,
        help=[0.5],
        largest=own.Restarts(SIZE, [0.1], 2**20),
    )
    held = {target.what: target.met for target in own.targets(ours)}
    assert len(held) == 14 and not held["`python -m bot --help`"]
    said = "\n".join(map(str, own.sections(ours)))
    assert "Not met: " in said and "0.50× (100 ms)" in said


def test_a_process_of_its_own():
    assert apart(memory) != memory()


def test_the_peers_are_named_wherever_they_must_be():
    pinned = (ROOT / "requirements-bench.txt").read_text()
    group = (ROOT / "pyproject.toml").read_text().partition("bench = [")[2].partition("\n]")[0]
    named = [line.split('"')[1] for line in group.splitlines() if '"' in line]
    assert named and all(f"\n{name}==" in pinned for name in named)
    folder = {path.stem for path in (ROOT / "benchmarks" / "contenders").glob("*.py")}
    assert set(MODULES) <= folder
