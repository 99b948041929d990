"""People as Components V2: a full card, lines below it, a ranked list."""

from collections.abc import Callable, Sequence

import discord
from discord import ui

from bot.answers import chip, plain
from bot.directory import Results
from bot.person import BASE_SCHEMA, Match, Person, format_value
from bot.query import Query

ACCENT = discord.Colour(0x5865F2)
TEXT_MAX = 3900  # Discord: 4,000 characters over all text displays of a message
TEXT_BYTES_MAX = 9500  # reported: beyond about 10,170 bytes Discord answers with an error 500
COMPONENTS_MAX = 37  # Discord: 40, with the container, and a row and its button below it
TITLE_MAX = 1000  # characters of what was asked, and of its conditions
WIDTHS = (140, 90, 50, 0)  # of a description in a list, tried from the left


def heading(person: Person, rank: int | None = None) -> str:
    """``**1. Marie Curie**  1867–1934``."""
    name = plain(person.name) if rank is None else f"{rank}. {plain(person.name)}"
    return f"**{name}**  {person.years}".strip()


def card(person: Person) -> str:
    """Everything there is to say about a person."""
    facts = [person.years] if person.years else []
    facts += [
        f"{plain(name)} **{plain(format_value(name, value))}**"
        for name, value in person.attributes.items()
        if name not in BASE_SCHEMA
    ]
    lines = [f"## {plain(person.name)}"]
    lines += [f"-# {' · '.join(facts)}"] if facts else []
    lines += [plain(person.description)] if person.description else []
    return "\n".join(lines)


def line(person: Person, width: int, rank: int | None = None) -> str:
    """A person in a list; the description cut to ``width`` characters."""
    return f"{heading(person, rank)}\n{plain(cut(person.description, width))}".strip()


def cut(text: str, width: int) -> str:
    """``text``, or its first words and ``…``."""
    if len(text) <= width:
        return text
    head = text[: max(0, width - 1)]
    return f"{head.rpartition(' ')[0] or head}…" if head else ""


def asked(results: Results) -> str:
    """What was understood: the words, a chip for each condition, and what nobody has of it."""
    query = results.query
    words = [f"### {_title(query.text)}"] if query.text else []
    return "\n".join([*words, *_chips(query), *_notes(results)])


def _notes(results: Results) -> list[str]:
    return [f"-# {plain(note)}" for note in results.notes]


def _title(text: str) -> str:
    return plain(cut(text, TITLE_MAX // 2))  # a backslash may stand before each character


def _chips(query: Query) -> list[str]:
    """One line of the conditions that fit it; none if there are none."""
    shown: list[str] = []
    for term in query.terms:
        if sum(map(len, shown)) + len(term) > TITLE_MAX:
            shown.append("…")
            break
        shown.append(chip(term))
    return [" ".join(shown)] if shown else []


def person_view(person: Person, title: str = "") -> ui.LayoutView:
    """One person's card, under a line that says why it is shown."""
    return _view(title, _fit([lambda _: card(person)], used=len(title)))


def people_view(people: Sequence[Person]) -> ui.LayoutView:
    """The first as a full card, the others as lines."""
    return _card_and_lines("", [Match(person) for person in people])


def whois_view(results: Results) -> ui.LayoutView:
    """The best match as a full card, the others as lines, under what was asked."""
    if not results.matches or not results.query.text:
        return search_view(results)
    title = [f"-# nearest to: {_title(results.query.text)}"]
    title += [*_chips(results.query), *_notes(results)]
    return _card_and_lines("\n".join(title), results.matches)


def _card_and_lines(title: str, matches: Sequence[Match]) -> ui.LayoutView:
    best, *others = matches
    blocks = _fit([lambda _: card(best.person), *_lines(others)], used=len(title))
    return _view(title, blocks[:1], blocks[1:])


def search_view(results: Results) -> ui.LayoutView:
    """A ranked list under what was understood."""
    if not results.matches:
        return nobody_view(results)
    title = asked(results)
    if results.total is not None:
        shown = len(results.matches)
        people = "1 person" if results.total == 1 else f"{results.total:,} people"
        part = f", the first {shown} by name" if shown < results.total else ""
        title += f"\n-# {people}{part}"
    ranked = bool(results.query.text)
    return _view(title, _fit(_lines(results.matches, ranked), used=len(title)))


def nobody_view(results: Results) -> ui.LayoutView:
    """That nobody was found, and for what."""
    hint = "Nobody is here yet."
    if results.notes:
        hint = ""
    elif results.query.filter:
        hint = "Check the values, or leave out a condition."
    return _view(asked(results), [f"Nobody here fits. {hint}".strip()])


def said_view(text: str) -> ui.LayoutView:
    """One sentence, already escaped."""
    return _view(text)


def _lines(matches: Sequence[Match], ranked: bool = False) -> list[Callable[[int], str]]:
    ranks = range(1, len(matches) + 1) if ranked else [None] * len(matches)
    return [
        lambda width, person=match.person, rank=rank: line(person, width, rank)
        for match, rank in zip(matches, ranks, strict=True)
    ]


def _fit(blocks: Sequence[Callable[[int], str]], used: int) -> list[str]:
    """The blocks, made for the greatest width at which they fit a message beside ``used``
    characters; at the least width, as many as fit."""
    texts: list[str] = []
    for width in WIDTHS:
        texts = [block(width) for block in blocks]
        if _fits(texts, used):
            return texts
    kept = list(texts)
    while kept and not _fits(kept, used + len(_more(25)[0])):
        kept.pop()
    if not kept:
        return [_shorten(texts[0], used), *_more(len(texts) - 1)]
    return [*kept, *_more(len(texts) - len(kept))]


def _more(left: int) -> list[str]:
    return [f"-# … and {left} more"] if left else []


def _shorten(text: str, used: int) -> str:
    """The start of a text too long for a message by itself."""
    while text and not _fits([text], used + len(_more(25)[0])):
        text = cut(text, int(len(text) * 0.9))
    return text


def _fits(texts: Sequence[str], used: int) -> bool:
    everything = "\n".join(texts)
    bytes_used = len(everything.encode()) + 4 * used
    return len(everything) + used <= TEXT_MAX and bytes_used <= TEXT_BYTES_MAX


def _view(*parts: str | Sequence[str]) -> ui.LayoutView:
    """One container; a line between its parts, and a gap between the blocks of a part where a
    message has room for that many components."""
    blocks = [[part] if isinstance(part, str) else list(part) for part in parts if part]
    gaps = 2 * sum(map(len, blocks)) <= COMPONENTS_MAX
    container = ui.Container[ui.LayoutView](accent_colour=ACCENT)
    for number, part in enumerate(blocks):
        for position, block in enumerate(part):
            starts = number > 0 and position == 0
            if starts or (gaps and position > 0):
                container.add_item(ui.Separator(visible=starts))
            container.add_item(ui.TextDisplay(block))
    view = ui.LayoutView(timeout=None)
    view.add_item(container)
    return view
