"""The results of the bot alone, the targets they are held to, and the sections that report
them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks import bench_embedding, bench_import, bench_search
from benchmarks.bench_import import FileImportResult
from benchmarks.markdown import Section, Table, bullet_list, megabytes, seconds, times
from benchmarks.timing import Times, ratio

Formatter = Callable[[float], str]


@dataclass(frozen=True)
class LargestDirectory:
    """The directory with the most people: the seconds from opening it to the first answer, and the
    bytes by which importing it, with precomputed vectors, raised the peak memory."""

    people: int
    restart_seconds: Sequence[float]
    import_growth_bytes: int


@dataclass(frozen=True)
class BotResults:
    """All results of the bot alone.

    ``searches`` is by size and kind of search. ``main_size`` is the size that the targets apply
    to. ``search_memory`` is the bytes of memory after the first hundred and after all of
    ``memory_searches`` searches.
    """

    main_size: int
    searches: Mapping[tuple[int, str], Times]
    repeated: Times
    concurrent: Times
    single: Times
    batches: Times
    min_cosine: float
    imports: Times
    file_import: FileImportResult
    search_memory: tuple[int, int]
    memory_searches: int
    help_seconds: Sequence[float]
    largest: LargestDirectory


@dataclass(frozen=True)
class Target:
    """A result and the bound it is held to, both written by ``format_value``."""

    name: str
    value: float
    bound: float
    format_value: Formatter
    is_upper_bound: bool = True

    @property
    def is_met(self) -> bool:
        return self.value <= self.bound if self.is_upper_bound else self.value >= self.bound

    def describe_bound(self) -> str:
        prefix = "at most" if self.is_upper_bound else "at least"
        return f"{prefix} {self.format_value(self.bound)}"


def list_targets(results: BotResults) -> list[Target]:
    """Compare the results with every target."""
    targets: list[Target] = []

    def at_most(bound: float, name: str, value: float, format_value: Formatter) -> None:
        targets.append(Target(name, value, bound, format_value))

    def at_least(bound: float, name: str, value: float, format_value: Formatter) -> None:
        targets.append(Target(name, value, bound, format_value, is_upper_bound=False))

    for kind in bench_search.SEARCH_KINDS:
        prefix, durations = f"a search, {kind}, to", results.searches[results.main_size, kind]
        to_parts = ratio(durations, bench_search.BOT, bench_search.ENCODE_AND_VSIM)
        at_most(1.15, f"{prefix} its encoding and its VSIM alone", to_parts, times)
        if kind == bench_search.WORDS_ONLY:  # with a filter, VSIM takes most of the time of both
            to_reference = ratio(durations, bench_search.BOT, bench_search.REFERENCE_AND_VSIM)
            at_most(0.75, f"{prefix} SentenceTransformer.encode and its VSIM", to_reference, times)
    speedup = ratio(results.concurrent, bench_search.SEQUENTIAL, bench_search.CONCURRENT)
    at_least(6, f"{bench_search.CONCURRENCY} searches at once, in throughput", speedup, times)
    at_least(0.9999, "least cosine to SentenceTransformer's", results.min_cosine, "{:.6f}".format)
    to_encoding = ratio(results.imports, bench_import.ENCODE, bench_import.IMPORT)
    at_least(0.9, "an import to the encoding of its texts, in rate", to_encoding, times)
    to_loop = ratio(results.imports, bench_import.LOOP, bench_import.IMPORT)
    at_least(3, "an import to the walkthrough's loop, in rate", to_loop, times)
    for name, growth in _import_memory(results):
        at_most(300 * 2**20, f"memory of an import, {name}", growth, megabytes)
    first, last = results.search_memory
    growth_name = (
        f"more memory after {results.memory_searches:,} searches than after the first hundred"
    )
    at_most(10 * 2**20, growth_name, last - first, megabytes)
    at_most(600 * 2**20, "memory of the bot then", last, megabytes)
    redis_bytes = results.file_import.redis_bytes
    at_most(1600, "Redis for a person, but the description", redis_bytes, "{:,.0f} B".format)
    restart_name = f"a restart with {results.largest.people:,} people"
    at_most(2, restart_name, median(results.largest.restart_seconds), seconds)
    at_most(0.3, "`python -m bot --help`", median(results.help_seconds), seconds)
    return targets


def _import_memory(results: BotResults) -> list[tuple[str, int]]:
    """Return what was imported, and by how many bytes that raised the peak memory."""
    file_import, largest = results.file_import, results.largest
    growth = file_import.peak_bytes - file_import.idle_bytes
    return [
        (f"{file_import.people:,} people with the model", growth),
        (f"{largest.people:,} people, vectors ready", largest.import_growth_bytes),
    ]


def sections(results: BotResults) -> list[Section]:
    """Report the results, without the comparison with peers."""
    return [
        _targets_section(results),
        _search_section(results),
        _encoding_section(results),
        _import_section(results),
        _memory_section(results),
    ]


def _targets_section(results: BotResults) -> Section:
    targets = list_targets(results)
    rows = [
        [
            target.name,
            target.format_value(target.value),
            target.describe_bound(),
            "yes" if target.is_met else "**no**",
        ]
        for target in targets
    ]
    missing = [target.name for target in targets if not target.is_met]
    summary = f"Not met: {'; '.join(missing)}." if missing else "All are met."
    return Section("What we hold ourselves to", [Table(["", "is", "target", "met"], rows), summary])


def _search_section(results: BotResults) -> Section:
    rows = [
        [
            f"{size:,}",
            kind,
            seconds(median(durations[bench_search.BOT])),
            *(
                f"{times(ratio(durations, bench_search.BOT, variant))} "
                f"({seconds(median(durations[variant]))})"
                for variant in (bench_search.ENCODE_AND_VSIM, bench_search.REFERENCE_AND_VSIM)
            ),
        ]
        for (size, kind), durations in results.searches.items()
    ]
    headings = ["people", "search", "the bot", "to encode + VSIM alone"]
    table = Table([*headings, "to SentenceTransformer.encode + VSIM"], rows)
    repeated = results.repeated
    sequential, concurrent, without_bot = (
        median(results.concurrent[variant])
        for variant in (
            bench_search.SEQUENTIAL,
            bench_search.CONCURRENT,
            bench_search.ENCODE_AND_VSIM,
        )
    )
    parts = [
        "`Directory.search(text, 10)` whole: parsing, encoding, VSIM, people, closeness. Beside it "
        "the bot's own encoding and the same VSIM through redis-py, and sentence-transformers' "
        "with the same VSIM; every text is new to all.",
        table,
        bullet_list(
            [
                f"Asked again, a text takes {times(ratio(repeated, 'again', 'first'))} of its "
                f"first time: {seconds(median(repeated['again']))} to "
                f"{seconds(median(repeated['first']))}.",
                f"{bench_search.CONCURRENCY} at once take {seconds(concurrent)}, one by one "
                f"{seconds(sequential)}: {times(sequential / concurrent)} the throughput. Their "
                "encoding, as one batch, and their VSIMs alone, at once, take "
                f"{seconds(without_bot)}.",
            ]
        ),
    ]
    return Section("A search", parts)


def _encoding_section(results: BotResults) -> Section:
    reference = bench_embedding.REFERENCE
    variants = (bench_embedding.BOT_ENCODE, bench_embedding.BOT_EMBED, reference)
    rows = [
        [
            name,
            *(
                f"{times(ratio(durations, variant, reference))} "
                f"({seconds(median(durations[variant]))})"
                if variant in durations
                else ""
                for variant in variants
            ),
        ]
        for name, durations in {
            "one question": results.single,
            f"{bench_embedding.BATCH_SIZE} descriptions": results.batches,
        }.items()
    ]
    table = Table(["", "encoding alone", "`Embedder.embed`", reference], rows)
    bot_rate, reference_rate = (
        bench_embedding.BATCH_SIZE / median(results.batches[variant])
        for variant in (bench_embedding.BOT_ENCODE, reference)
    )
    sentences = (
        f"The bot encodes {bot_rate:,.0f} descriptions a second, sentence-transformers "
        f"{reference_rate:,.0f}. The least cosine between a text's two vectors is "
        f"{results.min_cosine:.6f}."
    )
    return Section("Encoding", [table, sentences])


def _import_section(results: BotResults) -> Section:
    rates = {variant: 1 / median(durations) for variant, durations in results.imports.items()}
    rows = [
        [variant, f"{rate:,.0f}", times(rates[bench_import.IMPORT] / rate)]
        for variant, rate in rates.items()
    ]
    file_import = results.file_import
    growth = [
        f"{name}: {megabytes(size)} more than before" for name, size in _import_memory(results)
    ]
    parts = [
        "Parts of the people: planned and carried out by the bot, encoded in batches of 32, and "
        "encoded and added one by one as in Redis's walkthrough.",
        Table(["", "people a second", "the import is"], rows),
        f"A file of {file_import.people:,} people took {seconds(file_import.seconds)}. "
        "Peak memory:",
        bullet_list(growth),
    ]
    return Section("An import", parts)


def _memory_section(results: BotResults) -> Section:
    first, last = results.search_memory
    restart = median(results.largest.restart_seconds)
    by_key = results.file_import.redis_bytes_by_key
    rows = [[key, f"{size:,.0f}"] for key, size in by_key.items()]
    parts = [
        bullet_list(
            [
                f"A process of the bot has {megabytes(first)} of memory after its first hundred "
                f"searches, and {megabytes(last)} after {results.memory_searches:,}.",
                f"Redis takes {results.file_import.redis_bytes:,.0f} bytes a person, besides the "
                "description.",
                f"With {results.largest.people:,} people, closed and opened again, the first "
                f"answer to a filter comes after {seconds(restart)} (a ready vector).",
                f"`python -m bot --help` takes {seconds(median(results.help_seconds))}.",
            ]
        ),
        "By key, descriptions and values included:",
        Table(["key", "bytes a person"], rows),
    ]
    return Section("Memory and starting", parts)
