"""The contenders loaded, restarted and asked in turns; one of them works at a time."""

import random
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.contenders import OURS, Contender
from benchmarks.contenders.asked import Asked
from benchmarks.crowd import COUNT, Case, Crowd, cases
from benchmarks.judging import Judge, Judgement

SECONDS_A_CASE = 8.0
"""Whoever took so long for the questions of a case is asked no more of them."""


@dataclass
class Asking:
    """What one contender answered in one case."""

    seconds: list[float] = field(default_factory=list)
    answers: list[Sequence[int]] = field(default_factory=list)
    judgement: Judgement = field(default_factory=Judgement)

    def percentile(self, percent: float) -> float:
        """So many percent of the questions took no more than these seconds."""
        return float(np.percentile(self.seconds, percent))


@dataclass
class Kept:
    """What it takes a contender to keep the people: seconds to load them, the bytes of memory at
    the most meanwhile, the seconds from opening to the first answer, the bytes when it serves."""

    load: float = 0.0
    load_peak: int = 0
    restarts: list[float] = field(default_factory=list)
    memory: int = 0

    @property
    def restart(self) -> float:
        return median(self.restarts)


@dataclass
class Compared:
    """``kept`` and ``asked`` by the contender's module, the latter then by the case's name. Who
    asks about another's people keeps none."""

    size: int
    cases: Sequence[Case]
    contenders: Sequence[Contender]
    versions: dict[str, str] = field(default_factory=dict)
    kept: dict[str, Kept] = field(default_factory=dict)
    asked: Mapping[str, Mapping[str, Asking]] = field(default_factory=dict)
    left_out: Sequence[str] = ()
    """Sentences on who is not among the contenders, and why."""


def compare(
    contenders: Sequence[Contender], crowd: Crowd, folder: Path, restarts: int = 3
) -> Compared:
    """Load a crowd into every contender, under ``folder``, and ask them all its questions."""
    compared = Compared(len(crowd.people), cases(len(crowd.people)), contenders)
    keeping = [contender for contender in contenders if not contender.asks]
    for contender in keeping:
        compared.kept[contender.module] = _load(contender, crowd, folder)
    for _ in range(restarts):
        for contender in keeping:
            with Asked(contender, folder) as asked:
                compared.kept[contender.module].restarts.append(_open(asked, crowd))
    with ExitStack() as opened:
        running: dict[str, Asked] = {}
        for contender in contenders:
            asked = running[contender.module] = opened.enter_context(Asked(contender, folder))
            _open(asked, crowd)
            compared.versions[contender.name] = asked.do("version")[0]
        compared.asked = _ask(running, compared.cases, crowd)
        for contender in keeping:
            compared.kept[contender.module].memory = running[contender.module].do("memory")[0]
    return compared


def able(smaller: Compared, size: int, seconds: float) -> tuple[list[Contender], list[str]]:
    """Who can load so many people in so much time, going by fewer; and sentences on others. The
    bot must, for it is what all are compared to."""
    contenders, left_out = [], list(smaller.left_out)
    for contender in smaller.contenders:
        kept = smaller.kept.get(contender.module)
        expected = kept.load * size / smaller.size if kept else 0.0
        if expected <= seconds or contender is OURS:
            contenders.append(contender)
        else:
            left_out.append(
                f"{contender.name} is left out from {size:,} people on: at its rate with "
                f"{smaller.size:,}, loading would take {expected:,.0f} s."
            )
    return contenders, left_out


def _load(contender: Contender, crowd: Crowd, folder: Path) -> Kept:
    with Asked(contender, folder) as asked:
        peak, seconds = asked.do("load", crowd.folder)
    print(f"{contender.module} has loaded {len(crowd.people):,}", file=sys.stderr, flush=True)
    return Kept(seconds, peak)


def _open(asked: Asked, crowd: Crowd) -> float:
    """The seconds until it has answered who of the seven is nearest."""
    _, opening = asked.do("open")
    answer, asking = asked.do("query", crowd.questions[0], 7)
    assert len(answer) <= COUNT
    return opening + asking


def _ask(
    running: Mapping[str, Asked], cases: Sequence[Case], crowd: Crowd
) -> dict[str, dict[str, Asking]]:
    judge = Judge(crowd)
    asked = {module: {case.name: Asking() for case in cases} for module in running}
    turns, order = list(running), random.Random(0)  # drawn anew for each, as in timing.in_turns
    for case in cases:
        for question in crowd.questions:
            order.shuffle(turns)
            for module in turns:
                asking = asked[module][case.name]
                if sum(asking.seconds) < SECONDS_A_CASE:
                    answer, seconds = running[module].do("query", question, case.below)
                    asking.answers.append(answer)
                    asking.seconds.append(seconds)
        for module in running:
            asking = asked[module][case.name]
            questions = list(crowd.questions[: len(asking.answers)])
            asking.judgement = judge.judge(questions, case.below, asking.answers)
        print(f"asked: {case.name}", file=sys.stderr, flush=True)
    return asked
