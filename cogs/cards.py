"""People as Discord components: a card or a list, shortened to fit a message."""

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import discord
from discord import ui

from bot.directory import MAX_CLOSENESS
from bot.interactions import chip, label, plain
from bot.language import _, ngettext
from bot.person import BASE_SCHEMA, DESCRIPTION_MAX, IMAGE_FIELD, Match, Person, format_value
from bot.query import Query
from cogs.buttons import persistent_button

ACCENT = discord.Colour(0x5865F2)
TEXT_MAX = 3900  # Discord: 4,000 characters over all text displays of a message
TEXT_BYTES_MAX = 9500  # reported: above about 10,170 bytes Discord answers with an error 500
COMPONENTS_MAX = 40  # Discord, counting nested ones
TITLE_MAX = 1000  # characters of a title's words and conditions
DESCRIPTION_WIDTHS = (DESCRIPTION_MAX, 1000, 500, 140, 90, 50, 0)  # the first that fits is used
LIST_WIDTH = 140  # characters of a description in a list
VALUE_MAX = 500  # characters of an attribute with many tags
ALT_TEXT_MAX = 256  # Discord, for the description of a thumbnail
URL_MAX = 2000  # Discord: 2,048 characters

_IMAGE_URL = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]*[a-z0-9](?::[1-9]\d{0,3})?"
    r"(?:[/?#][\w\-.~:/?#\[\]@!$&'()*+,;=%]*)?",
    re.ASCII | re.IGNORECASE,
)
"""A URL that Discord accepts. It would refuse the whole message with any other."""

Container = ui.Container[ui.LayoutView]


@dataclass(frozen=True)
class Block:
    """A part of a message.

    *text* is Markdown, or a function that renders it with descriptions of at most as many
    characters as its argument. *accessory* is shown next to the text and *buttons* below it. A
    *separated* block has a line above it.
    """

    text: str | Callable[[int], str]
    accessory: ui.Button | ui.Thumbnail | None = None
    buttons: Sequence[ui.Button] = ()
    separated: bool = False

    @property
    def components(self) -> int:
        """How many components Discord counts."""
        buttons = len(self.buttons) + bool(self.buttons)
        return 1 + 2 * bool(self.accessory) + buttons + self.separated


def closeness_text(match: Match) -> str:
    """Return a match's closeness as a bar and in words, for example ``▰▰▰▱▱ fair match``.

    The words are for newcomers and for screen readers. The text is empty if the match has no
    closeness.
    """
    if match.closeness is None:
        return ""
    names = [
        _("not close"),
        _("weak match"),
        _("fair match"),
        _("close match"),
        _("very close match"),
    ]
    full = match.closeness + 1
    bar = "▰" * full + "▱" * (MAX_CLOSENESS + 1 - full)
    return f"{bar} {names[match.closeness]}"


def closeness_legend() -> str:
    """Return a line that explains the bars of an answer."""
    return _("▰▰▰▱▱ shows how close each match is.")


def person_card(match: Match, *, separated: bool = False) -> Block:
    """Return a person in full, with a picture and a button to similar people."""
    person, image = match.person, image_url(match.person)
    picture = ui.Thumbnail(image, description=label(person.name, ALT_TEXT_MAX)) if image else None
    similar = persistent_button(_("Find similar"), "similar", person.name)
    return Block(lambda width: card_text(match, width), picture, [similar], separated)


def card_text(match: Match, width: int) -> str:
    """Return the text of a person's card.

    The attributes together have at most *width* characters, and so does the description.
    """
    person = match.person
    shown_elsewhere = {*BASE_SCHEMA, *([IMAGE_FIELD] if image_url(person) else [])}
    attributes = [
        f"{plain(name)} **{plain(format_value(name, value), VALUE_MAX)}**"
        for name, value in person.attributes.items()
        if name not in shown_elsewhere
    ]
    facts = [fact for fact in (person.years, closeness_text(match)) if fact]
    facts += take_fitting(attributes, width)
    rows = [
        f"## {plain(person.name)}",
        f"-# {' · '.join(facts)}" if facts else "",
        plain(person.description, width),
    ]
    return "\n".join(filter(None, rows))


def list_row(match: Match, rank: int | None = None) -> Block:
    """Return a person in a list, with a button to the card.

    The first line is like ``**1. Marie Curie**  1867–1934  ▰▰▰▱▱ fair match``.
    """
    person = match.person
    name = plain(person.name) if rank is None else f"{rank}. {plain(person.name)}"
    heading = "  ".join(filter(None, [f"**{name}**", person.years, closeness_text(match)]))

    def text(width: int) -> str:
        return f"{heading}\n{plain(person.description, min(width, LIST_WIDTH))}".strip()

    return Block(text, persistent_button(_("Show details"), "details", person.name))


def list_rows(
    matches: Sequence[Match], start: int, end: int, *, ranked: bool = False
) -> list[Block]:
    """Return the rows from position *start* up to *end*, numbered if *ranked*.

    A note comes before the first person who isn't close.
    """
    blocks: list[Block] = []
    for position in range(start, min(end, len(matches))):
        match = matches[position]
        if match.closeness == 0 and position > 0 and matches[position - 1].closeness:
            blocks.append(Block("-# " + _("Less close"), separated=True))
        blocks.append(list_row(match, position + 1 if ranked else None))
    return blocks


def image_url(person: Person) -> str | None:
    """Return the URL of a person's picture, if Discord can show it."""
    url = person.attributes.get(IMAGE_FIELD)
    if isinstance(url, str) and len(url) <= URL_MAX and _IMAGE_URL.fullmatch(url):
        return url
    return None


def condition_chips(query: Query) -> list[str]:
    """Return a list of one line with all conditions of a query; empty if there are none."""
    chips = take_fitting(map(chip, query.conditions), TITLE_MAX)
    return [" ".join(chips)] if chips else []


def take_fitting(texts: Iterable[str], width: int) -> list[str]:
    """Return the first texts that together fit *width* characters, and ``…`` for the others."""
    taken: list[str] = []
    for text in texts:
        width -= len(text)
        if width < 0:
            return [*taken, "…"]
        taken.append(text)
    return taken


def container(title: str, blocks: Sequence[Block], *, other_components: int = 0) -> Container:
    """Return a container with a title and as many blocks as fit a message.

    *other_components* is how many components the message has besides the container. There are gaps
    between the blocks if there is room for them.
    """
    box = Container(accent_colour=ACCENT)
    if title:
        box.add_item(ui.TextDisplay(title))
    texts = _fit(title, blocks)
    needed = 2 + other_components + sum(block.components for block in blocks)
    has_gaps = needed + len(blocks) <= COMPONENTS_MAX
    for position, (block, text) in enumerate(zip(blocks, texts, strict=False)):
        if block.separated or (has_gaps and position):
            box.add_item(ui.Separator(visible=block.separated))
        display = ui.TextDisplay[ui.LayoutView](text)
        box.add_item(ui.Section(display, accessory=block.accessory) if block.accessory else display)
        if block.buttons:
            box.add_item(ui.ActionRow(*block.buttons))
    if len(texts) < len(blocks):
        box.add_item(ui.TextDisplay(omitted_note(len(blocks) - len(texts))))
    return box


def static_view(title: str, blocks: Sequence[Block] = ()) -> ui.LayoutView:
    """Return an answer without controls that expire."""
    view = ui.LayoutView(timeout=None)
    view.add_item(container(title, blocks))
    return view


def _fit(title: str, blocks: Sequence[Block]) -> list[str]:
    """Render the blocks with the longest descriptions that fit a message below *title*.

    If they don't fit even without descriptions, return as many as fit with a note on the rest.
    """
    texts: list[str] = []
    for width in DESCRIPTION_WIDTHS:
        texts = [b.text if isinstance(b.text, str) else b.text(width) for b in blocks]
        if _fits([title, *texts]):
            return texts
    count = len(texts)
    while count and not _fits([title, *texts[:count], omitted_note(len(texts) - count)]):
        count -= 1
    return texts[:count]


def omitted_note(count: int) -> str:
    """Return the line below a list for *count* items that aren't shown."""
    return "-# " + ngettext("… and {count} more", "… and {count} more", count)


def _fits(texts: Sequence[str]) -> bool:
    everything = "\n".join(texts)
    return len(everything) <= TEXT_MAX and len(everything.encode()) <= TEXT_BYTES_MAX


def undo_hint() -> str:
    """Return the line below what was changed."""
    return _("Undo this with /undo.")
