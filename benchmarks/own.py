"""What was measured of ourselves, what we hold ourselves to, and how that is told."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import embedding, importing, searching
from benchmarks.importing import WholeImport
from benchmarks.report import Section, Table, listed, megabytes, seconds, times
from benchmarks.timing import Times, ratio


@dataclass(frozen=True)
class Restarts:
    """Of a directory of so many people: the seconds to its first answer; and the bytes of memory,
    at the most, that their import with ready vectors took."""

    people: int
    seconds: Sequence[float]
    import_growth: int


@dataclass(frozen=True)
class Own:
    """``searches`` by size and kind; ``main`` is the size that targets are held at. ``stayed`` is
    the bytes of memory after the first and after all of ``searched`` searches."""

    main: int
    searches: Mapping[tuple[int, str], Times]
    repeated: Times
    crowded: Times
    single: Times
    batches: Times
    cosine: float
    imports: Times
    whole: WholeImport
    stayed: tuple[int, int]
    searched: int
    help: Sequence[float]
    largest: Restarts


@dataclass(frozen=True)
class Target:
    """``show`` is how figure and bound are written."""

    what: str
    figure: float
    bound: float
    show: Callable[[float], str]
    at_most: bool = True

    @property
    def met(self) -> bool:
        return self.figure <= self.bound if self.at_most else self.figure >= self.bound


def targets(own: Own) -> list[Target]:
    """All that we hold ourselves to."""
    found: list[Target] = []

    def at_most(bound: float, what: str, figure: float, show: Callable[[float], str]) -> None:
        found.append(Target(what, figure, bound, show))

    def at_least(bound: float, what: str, figure: float, show: Callable[[float], str]) -> None:
        found.append(Target(what, figure, bound, show, at_most=False))

    for kind in searching.KINDS:
        of, taken = f"a search, {kind}, to", own.searches[own.main, kind]
        alone = ratio(taken, searching.BOT, searching.ALONE)
        at_most(1.15, f"{of} its encoding and its VSIM alone", alone, times)
        if kind == searching.WORDS:  # beside a filter the VSIM is most of what both take
            theirs = ratio(taken, searching.BOT, searching.REFERENCE)
            at_most(0.75, f"{of} SentenceTransformer.encode and its VSIM", theirs, times)
    crowd = ratio(own.crowded, searching.ONE_BY_ONE, searching.AT_ONCE_BOT)
    at_least(6, f"{searching.AT_ONCE} searches at once, in throughput", crowd, times)
    at_least(0.9999, "least cosine to SentenceTransformer's", own.cosine, "{:.6f}".format)
    encoded = ratio(own.imports, importing.ENCODE, importing.IMPORT)
    at_least(0.9, "an import to the encoding of its texts, in rate", encoded, times)
    looped = ratio(own.imports, importing.LOOP, importing.IMPORT)
    at_least(3, "an import to the walkthrough's loop, in rate", looped, times)
    for what, growth in _import_growth(own):
        at_most(300 * 2**20, f"memory of an import, {what}", growth, megabytes)
    first, last = own.stayed
    grown = f"more memory after {own.searched:,} searches than after the first hundred"
    at_most(10 * 2**20, grown, last - first, megabytes)
    at_most(600 * 2**20, "memory of the bot then", last, megabytes)
    at_most(1600, "Redis for a person, but the description", own.whole.redis, "{:,.0f} B".format)
    restart = f"a restart with {own.largest.people:,} people"
    at_most(2, restart, median(own.largest.seconds), seconds)
    at_most(0.3, "`python -m bot --help`", median(own.help), seconds)
    return found


def _import_growth(own: Own) -> list[tuple[str, int]]:
    whole = own.whole
    return [
        (f"{whole.people:,} people with the model", whole.peak - whole.idle),
        (f"{own.largest.people:,} people, vectors ready", own.largest.import_growth),
    ]


def sections(own: Own) -> list[Section]:
    return [_held(own), _searches(own), _embedding(own), _imports(own), _staying(own)]


def _held(own: Own) -> Section:
    rows = [
        [
            target.what,
            target.show(target.figure),
            f"{'at most' if target.at_most else 'at least'} {target.show(target.bound)}",
            "yes" if target.met else "**no**",
        ]
        for target in targets(own)
    ]
    missing = [target.what for target in targets(own) if not target.met]
    said = f"Not met: {'; '.join(missing)}." if missing else "All are met."
    return Section("What we hold ourselves to", [Table(["", "is", "target", "met"], rows), said])


def _searches(own: Own) -> Section:
    rows = [
        [
            f"{size:,}",
            kind,
            seconds(median(taken[searching.BOT])),
            *(
                f"{times(ratio(taken, searching.BOT, other))} ({seconds(median(taken[other]))})"
                for other in (searching.ALONE, searching.REFERENCE)
            ),
        ]
        for (size, kind), taken in own.searches.items()
    ]
    heads = ["people", "search", "the bot", "to encode + VSIM alone"]
    table = Table([*heads, "to SentenceTransformer.encode + VSIM"], rows)
    again = own.repeated
    ways = searching.ONE_BY_ONE, searching.AT_ONCE_BOT, searching.ALONE
    one_by_one, at_once, alone = (median(own.crowded[way]) for way in ways)
    said = [
        "`Directory.search(text, 10)` whole: parsing, encoding, VSIM, people, closeness. Beside it "
        "the bot's own encoding and the same VSIM through redis-py, and sentence-transformers' "
        "with the same VSIM; every text is new to all.",
        table,
        listed(
            [
                f"Asked again, a text takes {times(ratio(again, 'again', 'first'))} of its first "
                f"time: {seconds(median(again['again']))} to {seconds(median(again['first']))}.",
                f"{searching.AT_ONCE} at once take {seconds(at_once)}, one by one "
                f"{seconds(one_by_one)}: {times(one_by_one / at_once)} the throughput. Their "
                f"encoding, as one batch, and their VSIMs alone, at once, take {seconds(alone)}.",
            ]
        ),
    ]
    return Section("A search", said)


def _embedding(own: Own) -> Section:
    rows = [
        [
            what,
            *(
                f"{times(ratio(taken, way, embedding.THEIRS))} ({seconds(median(taken[way]))})"
                if way in taken
                else ""
                for way in (embedding.OURS, embedding.WHOLE, embedding.THEIRS)
            ),
        ]
        for what, taken in {
            "one question": own.single,
            f"{embedding.BATCH} descriptions": own.batches,
        }.items()
    ]
    table = Table(["", "encoding alone", "`Embedder.embed`", embedding.THEIRS], rows)
    rates = [embedding.BATCH / median(own.batches[way]) for way in own.batches]
    said = "The bot encodes {:,.0f} descriptions a second, sentence-transformers {:,.0f}.".format(
        *rates
    )
    least = f"The least cosine between a text's two vectors is {own.cosine:.6f}."
    return Section("Encoding", [table, f"{said} {least}"])


def _imports(own: Own) -> Section:
    rates = {way: 1 / median(taken) for way, taken in own.imports.items()}
    rows = [
        [way, f"{rate:,.0f}", times(rates[importing.IMPORT] / rate)] for way, rate in rates.items()
    ]
    whole = own.whole
    growth = [f"{what}: {megabytes(size)} more than before" for what, size in _import_growth(own)]
    said = [
        "Parts of the people: planned and carried out by the bot, encoded in batches of 32, and "
        "encoded and added one by one as in Redis's walkthrough.",
        Table(["", "people a second", "the import is"], rows),
        f"A file of {whole.people:,} people took {seconds(whole.seconds)}. Memory at the most:",
        listed(growth),
    ]
    return Section("An import", said)


def _staying(own: Own) -> Section:
    first, last = own.stayed
    keys = Table(["key", "bytes a person"], [[k, f"{v:,.0f}"] for k, v in own.whole.by_key.items()])
    said = [
        listed(
            [
                f"A process of the bot has {megabytes(first)} of memory after its first hundred "
                f"searches, and {megabytes(last)} after {own.searched:,}.",
                f"Redis takes {own.whole.redis:,.0f} bytes a person, besides the description.",
                f"With {own.largest.people:,} people, closed and opened again, the first answer to "
                f"a filter comes after {seconds(median(own.largest.seconds))} (a ready vector).",
                f"`python -m bot --help` takes {seconds(median(own.help))}.",
            ]
        ),
        "By key, descriptions and values included:",
        keys,
    ]
    return Section("Memory and starting", said)
