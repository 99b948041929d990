"""Describe the comparison with peers in tables, sentences and plots."""

from pathlib import Path

from benchmarks.comparison import CaseResult, PeerComparison
from benchmarks.contenders import WHOS_WHO, Contender
from benchmarks.markdown import Section, Table, bullet_list, megabytes, seconds, times
from benchmarks.plots import Mark, draw

MEDIAN, P99 = 50, 99  # percentiles

INTRODUCTION = (
    "The same people, vectors, filters and questions; each contender in a process of its own, in "
    "the form that suits it; one of them asked at a time, in turns, for ten people. Vectors are "
    "ready. All ratios are to the bot: below 1 is faster, or less."
)


def peers_section(comparison: PeerComparison) -> Section:
    """Introduce the contenders."""
    rows = [
        [contender.name, comparison.versions[contender.name], contender.method]
        for contender in comparison.contenders
    ]
    return Section("Peers", [INTRODUCTION, Table(["", "version", "how"], rows)])


def size_section(comparison: PeerComparison, plot: str = "") -> Section:
    """Report the results for one dataset size; ``plot`` is the file name of its plot."""
    parts = [
        f"![The median times]({plot})" if plot else "",
        "Times: ratio of the medians (median / 99th percentile).",
        _times_table(comparison),
        "Recall of the ten nearest; how many people were missed over all questions, and of these "
        "lost: nobody within rounding was given instead.",
        _recall_table(comparison),
        "Loading all; opening what was loaded, to the first answer; memory of the process, with "
        "its server, after all questions, except for files that the system caches.",
        _resource_table(comparison),
        bullet_list(describe_faster_contenders(comparison)),
        bullet_list(comparison.exclusions),
    ]
    return Section(f"{comparison.size:,} people", parts)


def draw_times(comparison: PeerComparison, path: Path) -> None:
    """Plot the median times. A mark is hollow if the contender misses more people than the bot."""
    rows = [
        (
            contender.name.strip("*"),
            [
                Mark(1000 * result.percentile(MEDIAN), misses_more(comparison, contender, case))
                for case, result in comparison.results[contender.module].items()
            ],
        )
        for contender in comparison.contenders
    ]
    cases = [case.name for case in comparison.cases]
    title = (
        f"Median time of a question, {comparison.size:,} people; hollow: misses more than the bot"
    )
    draw(path, title, cases, rows, "ms")


def misses_more(comparison: PeerComparison, contender: Contender, case: str) -> bool:
    """Return whether a contender misses a greater share of the people it was asked for than the
    bot."""
    peer, bot = (
        comparison.results[each.module][case].recall_counts for each in (contender, WHOS_WHO)
    )
    return peer.missed / peer.expected > bot.missed / bot.expected


def describe_faster_contenders(comparison: PeerComparison) -> list[str]:
    """Write a sentence for each contender that is faster than the bot in some cases without missing
    more people."""
    sentences: list[str] = []
    for contender in comparison.contenders:
        faster_cases = [
            f"{case} ({times(_time_ratio(comparison, contender, case))})"
            for case in comparison.results[contender.module]
            if contender is not WHOS_WHO
            and not misses_more(comparison, contender, case)
            and _time_ratio(comparison, contender, case) < 1
        ]
        if faster_cases:
            name = contender.name[0].upper() + contender.name[1:]
            sentences.append(
                f"{name} is faster, and misses no more: {', '.join(faster_cases)}; "
                f"{contender.advantage}."
            )
    return sentences or ["Nobody is faster than the bot without missing more people."]


def _time_ratio(comparison: PeerComparison, contender: Contender, case: str) -> float:
    peer, bot = (comparison.results[each.module][case] for each in (contender, WHOS_WHO))
    return peer.percentile(MEDIAN) / bot.percentile(MEDIAN)


def _times_table(comparison: PeerComparison) -> Table:
    rows = [
        [
            contender.name,
            *(
                f"{times(_time_ratio(comparison, contender, case))} ({_median_and_p99(result)})"
                for case, result in comparison.results[contender.module].items()
            ),
        ]
        for contender in comparison.contenders
    ]
    return Table(_headings(comparison), rows)


def _median_and_p99(result: CaseResult) -> str:
    median, p99 = (1000 * result.percentile(percent) for percent in (MEDIAN, P99))
    return f"{median:.3g} / {p99:.3g} ms"


def _recall_table(comparison: PeerComparison) -> Table:
    rows = []
    for contender in comparison.contenders:
        results = comparison.results[contender.module].values()
        cells = [
            f"{counts.recall:.3f}, {counts.missed} missed, {counts.lost} lost"
            if counts.missed
            else "1"
            for counts in (result.recall_counts for result in results)
        ]
        rows.append([contender.name, *cells])
    return Table(_headings(comparison), rows)


def _headings(comparison: PeerComparison) -> list[str]:
    questions = {
        case: max(len(results[case].answers) for results in comparison.results.values())
        for case in comparison.results[WHOS_WHO.module]
    }
    return ["", *(f"{case} ({questions[case]} questions)" for case in questions)]


def _resource_table(comparison: PeerComparison) -> Table:
    bot = comparison.resource_use[WHOS_WHO.module]
    rows = []
    for contender in comparison.contenders:
        use = comparison.resource_use.get(contender.module)
        if use:
            load, restart = use.load_seconds, use.median_restart_seconds
            cells = [
                f"{times(load / bot.load_seconds)} ({seconds(load)})",
                f"{times(restart / bot.median_restart_seconds)} ({seconds(restart)})",
                f"{times(use.memory_bytes / bot.memory_bytes)} ({megabytes(use.memory_bytes)})",
            ]
            rows.append([contender.name, *cells])
    return Table(["", "loading", "restarting", "memory"], rows)
