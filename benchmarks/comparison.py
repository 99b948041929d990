"""Compare the contenders: load, restart and question each, one working at a time."""

import random
import sys
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median

import numpy as np

from benchmarks.contenders import WHOS_WHO, Contender
from benchmarks.contenders.client import ContenderProcess
from benchmarks.dataset import RESULT_COUNT, Dataset, FilterCase, filter_cases
from benchmarks.recall import GroundTruth, RecallCounts

MAX_SECONDS_PER_CASE = 8.0
"""A contender that has spent this long on a case gets no further questions of that case."""


@dataclass
class CaseResult:
    """The answers of one contender to the questions of one case, and the seconds they took."""

    seconds: list[float] = field(default_factory=list)
    answers: list[Sequence[int]] = field(default_factory=list)
    recall_counts: RecallCounts = field(default_factory=RecallCounts)

    def percentile(self, percent: float) -> float:
        """Return a percentile of the seconds per question."""
        return float(np.percentile(self.seconds, percent))


@dataclass
class ResourceUse:
    """What storing the people costs a contender: the seconds and the peak bytes of memory of
    loading; the seconds from opening to the first answer; the bytes of memory while it serves."""

    load_seconds: float = 0.0
    load_peak_bytes: int = 0
    restart_seconds: list[float] = field(default_factory=list)
    memory_bytes: int = 0

    @property
    def median_restart_seconds(self) -> float:
        return median(self.restart_seconds)


@dataclass
class PeerComparison:
    """The results for one dataset size.

    ``resource_use`` is by the contender's module, and lacks contenders that query another one's
    people. ``results`` is by the contender's module, then by the case's name.
    """

    size: int
    cases: Sequence[FilterCase]
    contenders: Sequence[Contender]
    versions: dict[str, str] = field(default_factory=dict)
    resource_use: dict[str, ResourceUse] = field(default_factory=dict)
    results: Mapping[str, Mapping[str, CaseResult]] = field(default_factory=dict)
    exclusions: Sequence[str] = ()
    """A sentence for each contender that was left out, saying why."""


def compare(
    contenders: Sequence[Contender], dataset: Dataset, folder: Path, restarts: int = 3
) -> PeerComparison:
    """Load a dataset into every contender, under ``folder``, and ask each the dataset's
    questions."""
    size = len(dataset.people)
    comparison = PeerComparison(size, filter_cases(size), contenders)
    storing = [contender for contender in contenders if not contender.uses_people_of]
    use = comparison.resource_use
    for contender in storing:
        use[contender.module] = _load(contender, dataset, folder)
    for _ in range(restarts):
        for contender in storing:
            with ContenderProcess(contender, folder) as process:
                use[contender.module].restart_seconds.append(_open(process, dataset))
    with ExitStack() as stack:
        processes: dict[str, ContenderProcess] = {}
        for contender in contenders:
            process = stack.enter_context(ContenderProcess(contender, folder))
            processes[contender.module] = process
            _open(process, dataset)
            comparison.versions[contender.name] = process.call("version")[0]
        comparison.results = _ask_questions(processes, comparison.cases, dataset)
        for contender in storing:
            use[contender.module].memory_bytes = processes[contender.module].call("memory")[0]
    return comparison


def select_contenders(
    previous: PeerComparison, size: int, max_seconds: float
) -> tuple[list[Contender], list[str]]:
    """Return the contenders that can load ``size`` people in ``max_seconds``, judging by a smaller
    dataset, and a sentence for each of the others. The bot is always selected, because the others
    are compared to it."""
    contenders, exclusions = [], list(previous.exclusions)
    for contender in previous.contenders:
        use = previous.resource_use.get(contender.module)
        expected = use.load_seconds * size / previous.size if use else 0.0
        if expected <= max_seconds or contender is WHOS_WHO:
            contenders.append(contender)
        else:
            exclusions.append(
                f"{contender.name} is left out from {size:,} people on: at its rate with "
                f"{previous.size:,}, loading would take {expected:,.0f} s."
            )
    return contenders, exclusions


def _load(contender: Contender, dataset: Dataset, folder: Path) -> ResourceUse:
    with ContenderProcess(contender, folder) as process:
        peak_bytes, seconds = process.call("load", dataset.folder)
    print(f"{contender.module} has loaded {len(dataset.people):,}", file=sys.stderr, flush=True)
    return ResourceUse(seconds, peak_bytes)


def _open(process: ContenderProcess, dataset: Dataset) -> float:
    """Open the contender's store and ask one question with a filter. Return the seconds of both."""
    _, open_seconds = process.call("open")
    answer, query_seconds = process.call("query", dataset.questions[0], 7)
    assert len(answer) <= RESULT_COUNT
    return open_seconds + query_seconds


def _ask_questions(
    processes: Mapping[str, ContenderProcess], cases: Sequence[FilterCase], dataset: Dataset
) -> dict[str, dict[str, CaseResult]]:
    """Ask every contender every question of every case, in an order shuffled for each question."""
    ground_truth = GroundTruth(dataset)
    results = {module: {case.name: CaseResult() for case in cases} for module in processes}
    modules, rng = list(processes), random.Random(0)
    for case in cases:
        for question in dataset.questions:
            rng.shuffle(modules)
            for module in modules:
                result = results[module][case.name]
                if sum(result.seconds) < MAX_SECONDS_PER_CASE:
                    answer, seconds = processes[module].call("query", question, case.rank_limit)
                    result.answers.append(answer)
                    result.seconds.append(seconds)
        for module in processes:
            result = results[module][case.name]
            questions = list(dataset.questions[: len(result.answers)])
            result.recall_counts = ground_truth.count(questions, case.rank_limit, result.answers)
        print(f"asked: {case.name}", file=sys.stderr, flush=True)
    return results
