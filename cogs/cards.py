"""People as Components V2: a person's card, lines of a list, and how much of them fits."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot import sentences
from bot.directory import MAX_CLOSENESS
from bot.interactions import chip, label, plain
from bot.person import BASE_SCHEMA, DESCRIPTION_MAX, IMAGE_FIELD, Match, Person, format_value
from bot.query import Query
from cogs.buttons import lead

ACCENT = discord.Colour(0x5865F2)
TEXT_MAX = 3900  # Discord: 4,000 characters over all text displays of a message
TEXT_BYTES_MAX = 9500  # reported: beyond about 10,170 bytes Discord answers with an error 500
COMPONENTS_MAX = 40  # Discord, with all that are inside others
TITLE_MAX = 1000  # characters of what was asked, and of its conditions
WIDTHS = (DESCRIPTION_MAX, 1000, 500, 140, 90, 50, 0)  # of a description, tried from the left
LINE_WIDTH = 140  # of a description in a list, at the most
VALUE_MAX = 500  # characters of an attribute with many tags
ALT_MAX = 256  # Discord: of a picture's description
BAR = "▰▱"

_PICTURE = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9](?::[1-9]\d{0,3})?"
    r"(?:[/?#][\w\-.~:/?#\[\]@!$&'()*+,;=%]*)?",
    re.ASCII | re.IGNORECASE,
)
"""An address that Discord takes; one that it refuses would cost the whole answer."""

ADDRESS_MAX = 2000  # Discord takes 2,048 characters

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
    return BAR[0] * full + BAR[1] * (MAX_CLOSENESS + 1 - full)


def card_text(match: Match, width: int = DESCRIPTION_MAX) -> str:
    """What there is to say about a person, with ``width`` characters of attributes, and as many of
    the description."""
    person = match.person
    shown_apart = {*BASE_SCHEMA, *([IMAGE_FIELD] if image_of(person) else [])}
    facts = [fact for fact in (person.years, bar(match)) if fact]
    facts += fitting(
        [
            f"{plain(name)} **{plain(cut(format_value(name, value), VALUE_MAX))}**"
            for name, value in person.attributes.items()
            if name not in shown_apart
        ],
        width,
    )
    description = plain(cut(person.description, width))
    lines = [f"## {plain(person.name)}", f"-# {' · '.join(facts)}" if facts else "", description]
    return "\n".join(filter(None, lines))


def card(match: Match, *, apart: bool = False) -> Block:
    """A person in full, with the picture, and the way to who is alike."""
    name, image = match.person.name, image_of(match.person)
    picture = ui.Thumbnail(image, description=label(name, ALT_MAX)) if image else None
    similar = lead(sentences.answers.SIMILAR, "similar", name)
    return Block(lambda width: card_text(match, width), picture, [similar], apart)


def line(match: Match, rank: int | None = None, *, apart: bool = False) -> Block:
    """A person in a list, with the way to the card."""

    def text(width: int) -> str:
        shown = cut(match.person.description, min(width, LINE_WIDTH))
        return f"{heading(match, rank)}\n{plain(shown)}".strip()

    return Block(text, lead(sentences.answers.DETAILS, "details", match.person.name), (), apart)


def lines(matches: Sequence[Match], start: int, end: int, *, ranked: bool = False) -> list[Block]:
    """Those of a list from one place on, before another, numbered if it is a ranking; a line and a
    word set off those that are not close."""
    blocks: list[Block] = []
    for place in range(start, min(end, len(matches))):
        weak = matches[place].closeness == 0 and place > 0 and matches[place - 1].closeness
        blocks += [said(f"-# {sentences.answers.LESS_CLOSE}", apart=True)] if weak else []
        blocks.append(line(matches[place], place + 1 if ranked else None))
    return blocks


def image_of(person: Person) -> str | None:
    """The address of a person's picture, if Discord can show it."""
    address = person.attributes.get(IMAGE_FIELD)
    fine = isinstance(address, str) and len(address) <= ADDRESS_MAX and _PICTURE.fullmatch(address)
    return fine[0] if fine else None


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
    shown = fitting(map(chip, query.conditions), TITLE_MAX)
    return [" ".join(shown)] if shown else []


def fitting(texts: Iterable[str], width: int) -> list[str]:
    """The first texts that have ``width`` characters together, and ``…`` for the others."""
    shown: list[str] = []
    for text in texts:
        width -= len(text)
        if width < 0:
            return [*shown, "…"]
        shown.append(text)
    return shown


def small(lines: Iterable[str]) -> list[str]:
    """Lines in small print."""
    return [f"-# {line}" for line in lines]


def container(title: str, blocks: Sequence[Block], *, beside: int = 0) -> Container:
    """Title and blocks in one container, as much of them as Discord takes in a message that has
    ``beside`` more components; gaps between the blocks where there is room for them."""
    made = Container(accent_colour=ACCENT)
    if title:
        made.add_item(ui.TextDisplay(title))
    texts, left = _fit([block.text for block in blocks], title)
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
    if left:
        made.add_item(ui.TextDisplay(_more(left)))
    return made


def view(title: str, blocks: Sequence[Block] = ()) -> ui.LayoutView:
    """An answer without controls of its own."""
    made = ui.LayoutView(timeout=None)
    made.add_item(container(title, blocks))
    return made


def _fit(texts: Sequence[Callable[[int], str]], title: str) -> tuple[list[str], int]:
    """The texts, made for the greatest width at which they fit a message below the title; at the
    least width, as many as fit, and how many are left out."""
    made: list[str] = []
    for width in WIDTHS:
        made = [text(width) for text in texts]
        if _fits([title, *made]):
            return made, 0
    kept = len(made)
    while kept and not _fits([title, *made[:kept], _more(len(made) - kept)]):
        kept -= 1
    return made[:kept], len(made) - kept


def _more(left: int) -> str:
    return f"-# {sentences.answers.more(left)}"


def _fits(texts: Sequence[str]) -> bool:
    everything = "\n".join(texts)
    return len(everything) <= TEXT_MAX and len(everything.encode()) <= TEXT_BYTES_MAX
