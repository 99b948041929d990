"""The contenders, as tables, sentences and pictures."""

from pathlib import Path

from benchmarks.comparison import Asking, Compared
from benchmarks.contenders import OURS, Contender
from benchmarks.plots import Mark, draw
from benchmarks.report import Section, Table, listed, megabytes, seconds, times

MEDIAN, LAST = 50, 99  # percent

INTRODUCTION = (
    "The same people, vectors, filters and questions; each contender in a process of its own, in "
    "the form that suits it; one of them asked at a time, in turns, for ten people. Vectors are "
    "ready. All ratios are to the bot: below 1 is faster, or less."
)


def introduction(compared: Compared) -> Section:
    """Who the contenders are."""
    rows = [
        [contender.name, compared.versions[contender.name], contender.how]
        for contender in compared.contenders
    ]
    return Section("Peers", [INTRODUCTION, Table(["", "version", "how"], rows)])


def section(compared: Compared, picture: str = "") -> Section:
    """What one size came to."""
    said = [
        f"![The median times]({picture})" if picture else "",
        "Times: ratio of the medians (median / 99th percentile).",
        _times(compared),
        "Recall of the ten nearest; how many people were missed over all questions, and of these "
        "lost: nobody within rounding was given instead.",
        _missed(compared),
        "Loading all; opening what was loaded, to the first answer; memory of the process, with "
        "its server, after all questions, but for files that the system caches.",
        _kept(compared),
        listed(faster(compared)),
        listed(compared.left_out),
    ]
    return Section(f"{compared.size:,} people", said)


def draw_times(compared: Compared, path: Path) -> None:
    """The medians; hollow where more people are missed than by the bot."""
    rows = [
        (
            contender.name.strip("*"),
            [
                Mark(1000 * asking.percentile(MEDIAN), misses_more(compared, contender, case))
                for case, asking in compared.asked[contender.module].items()
            ],
        )
        for contender in compared.contenders
    ]
    cases = [case.name for case in compared.cases]
    title = f"Median time of a question, {compared.size:,} people; hollow: misses more than the bot"
    draw(path, title, cases, rows, "ms")


def misses_more(compared: Compared, contender: Contender, case: str) -> bool:
    """Than the bot, of what both were asked."""
    theirs, ours = (compared.asked[one.module][case].judgement for one in (contender, OURS))
    return theirs.missed / theirs.wanted > ours.missed / ours.wanted


def faster(compared: Compared) -> list[str]:
    """Who is faster than the bot where as few are missed, and why that may be."""
    said: list[str] = []
    for contender in compared.contenders:
        won = [
            f"{case} ({times(_ratio(compared, contender, case))})"
            for case in compared.asked[contender.module]
            if contender is not OURS
            and not misses_more(compared, contender, case)
            and _ratio(compared, contender, case) < 1
        ]
        if won:
            name = contender.name[0].upper() + contender.name[1:]
            said.append(f"{name} is faster, and misses no more: {', '.join(won)}; {contender.why}.")
    return said or ["Nobody is faster than the bot without missing more people."]


def _ratio(compared: Compared, contender: Contender, case: str) -> float:
    theirs, ours = (compared.asked[one.module][case] for one in (contender, OURS))
    return theirs.percentile(MEDIAN) / ours.percentile(MEDIAN)


def _times(compared: Compared) -> Table:
    rows = [
        [
            contender.name,
            *(
                f"{times(_ratio(compared, contender, case))} ({_both(asking)})"
                for case, asking in compared.asked[contender.module].items()
            ),
        ]
        for contender in compared.contenders
    ]
    return Table(_heads(compared), rows)


def _both(asking: Asking) -> str:
    median, last = (1000 * asking.percentile(percent) for percent in (MEDIAN, LAST))
    return f"{median:.3g} / {last:.3g} ms"


def _missed(compared: Compared) -> Table:
    rows = []
    for contender in compared.contenders:
        judged = [asking.judgement for asking in compared.asked[contender.module].values()]
        cells = [
            f"{one.recall:.3f}, {one.missed} missed, {one.lost} lost" if one.missed else "1"
            for one in judged
        ]
        rows.append([contender.name, *cells])
    return Table(_heads(compared), rows)


def _heads(compared: Compared) -> list[str]:
    questions = {
        case: max(len(asked[case].answers) for asked in compared.asked.values())
        for case in compared.asked[OURS.module]
    }
    return ["", *(f"{case} ({questions[case]} questions)" for case in questions)]


def _kept(compared: Compared) -> Table:
    ours = compared.kept[OURS.module]
    rows = []
    for contender in compared.contenders:
        kept = compared.kept.get(contender.module)
        if kept:
            loading, restart = kept.load / ours.load, kept.restart / ours.restart
            cells = [
                f"{times(loading)} ({seconds(kept.load)})",
                f"{times(restart)} ({seconds(kept.restart)})",
                f"{times(kept.memory / ours.memory)} ({megabytes(kept.memory)})",
            ]
            rows.append([contender.name, *cells])
    return Table(["", "loading", "restarting", "memory"], rows)
