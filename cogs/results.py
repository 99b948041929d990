"""Answers to questions: what a directory found, as pages."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from functools import partial

from discord import ui

from bot.directory import Directory, SearchResults
from bot.errors import DirectoryEmpty
from bot.interactions import plain
from bot.language import _, ngettext
from bot.person import Match
from cogs.buttons import persistent_button
from cogs.cards import (
    TITLE_MAX,
    Block,
    closeness_legend,
    condition_chips,
    list_row,
    list_rows,
    person_card,
    static_view,
)
from cogs.paging import PAGE_SIZE, AlternateReading, Book

MATCHES_MAX = 60  # people in an answer by meaning: ten pages
WORDS_MAX = TITLE_MAX // 2  # characters of a question in a title; escaping can double them
NAME_WORDS_MAX = 4  # words of a question that may be a misspelt name
MISSPELT_SIMILARITY = 0.8  # to a name, from which it is suggested
SUGGESTED_SIMILARITY = 0.6  # the same if nobody is close
FARTHEST_SHOWN = 3  # people shown if nobody is close
MEANINGFUL_CLOSENESS = 2  # meaningless words don't reach it


async def whois(directory: Directory, query: str, *, literal: bool = False) -> Book:
    """Return the people with a name, or the closest matches by meaning.

    If *literal*, plain English isn't read as conditions.
    """
    named = [] if literal else await directory.people.find_named(query, MATCHES_MAX)
    if named:
        return replace(_matches_book("", [*map(Match, named)]), question=query)
    results = await directory.search(query, MATCHES_MAX, literal=literal)
    heading = _closest_to(results.query.text)
    book = await _results_book(directory, results, heading)
    read_differently = partial(whois, directory, query, literal=not literal)
    alternate = _alternate_reading(results, read_differently, literal=literal)
    return replace(book, question=query, alternate=alternate)


async def search(
    directory: Directory, query: str, max_count: int | None = None, *, literal: bool = False
) -> Book:
    """Return the people who match the conditions of a query, ranked by meaning if it has words."""
    results = await directory.search(query, max_count or MATCHES_MAX, literal=literal)
    heading = f"### {plain(results.query.text, WORDS_MAX)}"
    book = await _results_book(directory, results, heading, max_count, ranked=True)
    read_differently = partial(search, directory, query, max_count, literal=not literal)
    alternate = _alternate_reading(results, read_differently, literal=literal)
    return replace(book, question=query, alternate=alternate)


async def similar(directory: Directory, name: str, query: str = "") -> Book:
    """Return the people most similar to one person, steered by the words of a query."""
    results = await directory.similar(name, query, MATCHES_MAX)
    assert results.like is not None
    person, words = plain(results.like.name), results.query.text
    if words:
        title = _(
            "People like {name}, but closer to “{words}”",
            name=person,
            words=plain(words, WORDS_MAX),
        )
    else:
        title = _("People like {name}", name=person)
    heading = f"### {title}"
    if not (results.matches or results.query.filter):
        return _one_page(heading, [Block(_("There's nobody else in the directory yet."))])
    book = await _results_book(directory, results, heading, ranked=True)
    return replace(book, question=words)


async def people(directory: Directory, conditions: str = "") -> Book:
    """Return everyone who matches the conditions, by name."""
    query = await directory.parse_conditions(conditions)
    results = await directory.browse(query, 0, PAGE_SIZE)
    heading = "" if query.filter else "### " + _("Everyone in the directory")
    return replace(_browse_book(directory, _title(heading, results), results), question=conditions)


async def about_text(directory: Directory, text: str) -> Book:
    """Return the people named in a text, or the closest matches by meaning."""
    if named := await directory.people.find_mentioned(text, MATCHES_MAX):
        return _matches_book("", [*map(Match, named)])
    results = await directory.nearest(text, MATCHES_MAX)
    return await _results_book(directory, results, _closest_to(text))


async def card_view(directory: Directory, name: str) -> ui.LayoutView:
    """Return a person's card."""
    return static_view("", [person_card(Match(await directory.people.get(name)))])


async def random_card_view(directory: Directory) -> ui.LayoutView:
    """Return a random person's card, with a button to another one."""
    card = person_card(Match(await directory.people.random()))
    another = persistent_button(_("Show another"), "random", "")
    title = "-# " + _("A random person")
    return static_view(title, [replace(card, buttons=[*card.buttons, another])])


def _closest_to(text: str) -> str:
    words = plain(text, WORDS_MAX)
    return "-# " + _("Closest to “{words}”", words=words)


def _alternate_reading(
    results: SearchResults, load_book: Callable[[], Awaitable[Book]], *, literal: bool
) -> AlternateReading | None:
    """Return the other reading of a question with plain English, as words or as conditions."""
    if literal:
        return AlternateReading(_("Use conditions"), load_book)
    if results.query.has_english:
        return AlternateReading(_("Ignore conditions"), load_book)
    return None


async def _results_book(
    directory: Directory,
    results: SearchResults,
    heading: str,
    max_count: int | None = None,
    *,
    ranked: bool = False,
) -> Book:
    """Return what a search found: a numbered list if *ranked*, or the best as a card."""
    query, matches = results.query, results.matches
    if not (query.text or results.like):
        return _browse_book(directory, _title("", results), results, max_count)
    if not matches:
        return _nobody_book(_title(heading, results), results)
    is_close = (matches[0].closeness or 0) >= MEANINGFUL_CLOSENESS
    if not (results.like or is_close or await directory.embedder.knows(query.text)):
        return await _nothing_close_book(directory, results)
    notes: list[str] = []
    if query.filter:
        notes.append(_count_note(len(matches), max_count or MATCHES_MAX))
    if not matches[0].closeness:
        notes.append(_("No close match. These are the closest."))
    if matches[0].closeness is not None:
        notes.append(closeness_legend())
    names = [] if ranked else await _suggest_names(directory, results, MISSPELT_SIMILARITY)
    return _matches_book(_title(heading, results, notes), matches, names, ranked=ranked)


def _count_note(count: int, max_count: int) -> str:
    """Say how many people match the conditions, or how many of them are shown."""
    if count < max_count:
        return ngettext("{count} person matches.", "{count} people match, closest first.", count)
    return ngettext("Showing the closest match.", "Showing the {count} closest matches.", count)


def _title(heading: str, results: SearchResults, notes: Sequence[str] = ()) -> str:
    """Return the heading, the conditions as they were understood, and the notes in small print."""
    small = [f"-# {note}" for note in [*map(plain, results.notes), *notes]]
    return "\n".join(filter(None, [heading, *condition_chips(results.query), *small]))


def _matches_book(
    title: str, matches: Sequence[Match], first: Sequence[Block] = (), *, ranked: bool = False
) -> Book:
    """Return matches on pages, with the blocks of *first* at the top of the first page."""

    async def load_page(start: int) -> Sequence[Block]:
        end = start + PAGE_SIZE
        if ranked or start:
            return list_rows(matches, start, end, ranked=ranked)
        others = list_rows(matches, 1, end)
        if others:
            others[0] = replace(others[0], separated=True)
        return [*first, person_card(matches[0]), *others]

    return Book(title, len(matches), load_page)


def _browse_book(
    directory: Directory, title: str, results: SearchResults, max_count: int | None = None
) -> Book:
    """Return the people who match conditions, by name; later pages are read when shown."""
    total = results.total or 0
    if not total:
        return _nobody_book(title, results)
    shown = min(total, max_count or total)
    if shown < total:
        count = ngettext(
            "Showing {shown} of {count} person, by name.",
            "Showing {shown} of {count} people, by name.",
            total,
            shown=shown,
        )
    elif results.query.filter:
        count = ngettext("{count} person matches.", "{count} people match.", total)
    else:
        count = ngettext("{count} person", "{count} people", total)

    async def load_page(start: int) -> Sequence[Block]:
        wanted = min(PAGE_SIZE, shown - start)
        matches = results.matches[start : start + wanted]
        if len(matches) < wanted:
            matches = (await directory.browse(results.query, start, wanted)).matches
        return list_rows(matches, 0, wanted)

    load_names = None if results.query.filter else directory.names.at
    return Book("\n".join(filter(None, [title, f"-# {count}"])), shown, load_page, load_names)


def _nobody_book(title: str, results: SearchResults) -> Book:
    """Return an answer that nobody was found."""
    if not results.query.filter:
        text = str(DirectoryEmpty())
    elif results.notes:
        text = _("Nobody matches.")
    else:
        text = _("Nobody matches. Check the values, or remove a condition.")
    return _one_page(title, [Block(text)])


async def _nothing_close_book(directory: Directory, results: SearchResults) -> Book:
    """Return an answer that nobody is close, with names to try and the closest matches."""
    advice = _("There's no close match. Try other words: what did they do, where, or when?")
    blocks = [
        Block(advice),
        *await _suggest_names(directory, results, SUGGESTED_SIMILARITY),
        Block("-# " + _("Closest matches") + " · " + closeness_legend(), separated=True),
        *map(list_row, results.matches[:FARTHEST_SHOWN]),
    ]
    return _one_page(_title(f"### {plain(results.query.text, WORDS_MAX)}", results), blocks)


async def _suggest_names(
    directory: Directory, results: SearchResults, similarity: float
) -> list[Block]:
    """Return buttons to the people whose names look like the words of a question, if any."""
    words = results.query.text
    if results.query.filter or len(words.split()) > NAME_WORDS_MAX:
        return []
    names = await directory.names.similar(words, similarity)
    if not names:
        return []
    buttons = [persistent_button(name, "meant", name) for name in names]
    return [Block("-# " + _("Did you mean:"), buttons=buttons)]


def _one_page(title: str, blocks: Sequence[Block]) -> Book:
    async def load_page(start: int) -> Sequence[Block]:
        return blocks

    return Book(title, 1, load_page)
