"""People as Components V2: a person's card, lines of a list, and how much of them fits."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import discord
from discord import ui

from bot import sentences
from bot.answers import chip, plain
from bot.directory import MOST
from bot.person import BASE_SCHEMA, IMAGE, Match, Person, format_value
from bot.query import Query
from cogs.leads import lead

ACCENT = discord.Colour(0x5865F2)
TEXT_MAX = 3900  # Discord: 4,000 characters over all text displays of a message
TEXT_BYTES_MAX = 9500  # reported: beyond about 10,170 bytes Discord answers with an error 500
COMPONENTS_MAX = 40  # Discord, with all that are inside others
TITLE_MAX = 1000  # characters of what was asked, and of its conditions
WIDTHS = (140, 90, 50, 0)  # of a description in a list, tried from the left
BAR = "▰▱"

Container = ui.Container[ui.LayoutView]


@dataclass(frozen=True)
class Block:
    """A piece of an answer: its text, for a width of descriptions; what stands beside it; buttons
    below it; and whether a line sets it off from what is above."""

    text: Callable[[int], str]
    beside: ui.Button | ui.Thumbnail | None = None
    buttons: Sequence[ui.Button] = ()
    apart: bool = False

    @property
    def components(self) -> int:
        """How many Discord counts."""
        return 1 + 2 * bool(self.beside) + bool(self.buttons) + len(self.buttons) + self.apart


def said(text: str, *, apart: bool = False) -> Block:
    """A block of one text, already escaped."""
    return Block(lambda _: text, apart=apart)


def heading(match: Match, rank: int | None = None) -> str:
    """``**1. Marie Curie**  1867–1934  ▰▰▰▱▱``."""
    name = plain(match.person.name) if rank is None else f"{rank}. {plain(match.person.name)}"
    return "  ".join(filter(None, [f"**{name}**", match.person.years, bar(match)]))


def bar(match: Match) -> str:
    """How close a match is; nothing where nobody is closer than another."""
    if match.closeness is None:
        return ""
    full = match.closeness + 1
    return BAR[0] * full + BAR[1] * (MOST + 1 - full)


def card_text(match: Match) -> str:
    """Everything there is to say about a person."""
    person = match.person
    shown_apart = {*BASE_SCHEMA, *([IMAGE] if image_of(person) else [])}
    facts = [fact for fact in (person.years, bar(match)) if fact]
    facts += [
        f"{plain(name)} **{plain(format_value(name, value))}**"
        for name, value in person.attributes.items()
        if name not in shown_apart
    ]
    lines = [f"## {plain(person.name)}"]
    lines += [f"-# {' · '.join(facts)}"] if facts else []
    lines += [plain(person.description)] if person.description else []
    return "\n".join(lines)


def card(match: Match, *, apart: bool = False) -> Block:
    """A person in full, with the picture, and the way to who is alike."""
    image = image_of(match.person)
    picture = ui.Thumbnail(image, description=match.person.name) if image else None
    similar = lead(sentences.answers.SIMILAR, "similar", match.person.name)
    return Block(lambda _: card_text(match), picture, [similar], apart)


def line(match: Match, rank: int | None = None, *, apart: bool = False) -> Block:
    """A person in a list, with the way to the card."""

    def text(width: int) -> str:
        return f"{heading(match, rank)}\n{plain(cut(match.person.description, width))}".strip()

    return Block(text, lead(sentences.answers.DETAILS, "details", match.person.name), (), apart)


def lines(matches: Sequence[Match], first: int | None = None) -> list[Block]:
    """A list, numbered from ``first`` on; a line and a word set off those that are not close."""
    blocks: list[Block] = []
    for place, match in enumerate(matches):
        weak = match.closeness == 0 and place > 0 and matches[place - 1].closeness
        blocks += [said(f"-# {sentences.answers.LESS_CLOSE}", apart=True)] if weak else []
        blocks.append(line(match, None if first is None else first + place))
    return blocks


def image_of(person: Person) -> str | None:
    """The address of a person's picture, if Discord can show it."""
    address = person.attributes.get(IMAGE)
    if not isinstance(address, str) or not (address.isascii() and address.isprintable()):
        return None
    try:
        parts = urlsplit(address)
        fine = parts.scheme == "https" and "." in (parts.hostname or "") and parts.port != 0
    except ValueError:
        return None
    return address if fine and "@" not in parts.netloc and " " not in address else None


def cut(text: str, width: int) -> str:
    """``text``, or its first words and ``…``."""
    if len(text) <= width:
        return text
    head = text[: max(0, width - 1)]
    return f"{head.rpartition(' ')[0] or head}…" if head else ""


def shown_words(text: str) -> str:
    """Words of a question, short enough for a title."""
    return plain(cut(text, TITLE_MAX // 2))  # a backslash may stand before each character


def chips(query: Query) -> list[str]:
    """One line of the conditions that fit it; none if there are none."""
    shown: list[str] = []
    for term in query.terms:
        if sum(map(len, shown)) + len(term) > TITLE_MAX:
            shown.append("…")
            break
        shown.append(chip(term))
    return [" ".join(shown)] if shown else []


def small(lines: Iterable[str]) -> list[str]:
    """Lines in small print."""
    return [f"-# {line}" for line in lines]


def container(title: str, blocks: Sequence[Block], *, beside: int = 0) -> Container:
    """Title and blocks in one container, as much of them as Discord takes in a message that has
    ``beside`` more components; gaps between the blocks where there is room for them."""
    made = Container(accent_colour=ACCENT)
    if title:
        made.add_item(ui.TextDisplay(title))
    texts = _fit([block.text for block in blocks], used=len(title))
    needed = 2 + beside + sum(block.components for block in blocks)
    gaps = needed + len(blocks) <= COMPONENTS_MAX
    for place, (block, text) in enumerate(zip(blocks, texts, strict=False)):
        first = place == 0
        if block.apart or (gaps and not first):
            made.add_item(ui.Separator(visible=block.apart))
        shown = ui.TextDisplay[ui.LayoutView](text)
        made.add_item(ui.Section(shown, accessory=block.beside) if block.beside else shown)
        if block.buttons:
            made.add_item(ui.ActionRow(*block.buttons))
    if len(texts) > len(blocks):
        made.add_item(ui.TextDisplay(texts[-1]))
    return made


def view(title: str, blocks: Sequence[Block] = ()) -> ui.LayoutView:
    """An answer without controls of its own."""
    made = ui.LayoutView(timeout=None)
    made.add_item(container(title, blocks))
    return made


def _fit(texts: Sequence[Callable[[int], str]], used: int) -> list[str]:
    """The texts, made for the greatest width at which they fit a message beside ``used``
    characters; at the least width, as many as fit, and how many are left out."""
    made: list[str] = []
    for width in WIDTHS:
        made = [text(width) for text in texts]
        if _fits(made, used):
            return made
    kept = list(made)
    while kept and not _fits(kept, used + len(_more(25))):
        kept.pop()
    kept = kept or [_shorten(made[0], used)]
    return [*kept, _more(len(made) - len(kept))] if len(kept) < len(made) else kept


def _more(left: int) -> str:
    return f"-# {sentences.answers.more(left)}"


def _shorten(text: str, used: int) -> str:
    """The start of a text too long for a message by itself."""
    while text and not _fits([text], used + len(_more(25))):
        text = cut(text, int(len(text) * 0.9))
    return text


def _fits(texts: Sequence[str], used: int) -> bool:
    everything = "\n".join(texts)
    bytes_used = len(everything.encode()) + 4 * used
    return len(everything) + used <= TEXT_MAX and bytes_used <= TEXT_BYTES_MAX
