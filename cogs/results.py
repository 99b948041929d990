"""Questions to a directory, and their answers, wherever they are asked from."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace

import discord
from discord import ui

from bot import sentences
from bot.directory import Directories, Directory, SearchResults
from bot.interactions import answer, plain
from bot.person import Match
from cogs.buttons import lead
from cogs.cards import Block, card, chips, line, lines, said, shown_words, small, view
from cogs.paging import SIZE, Book, Otherwise, PagesView, Reading

HELD = 60  # people of an answer by meaning: ten pages
SLIP = 0.8  # similarity from which on a question may be a name with a slip in it
LIKENESS = 0.6  # the same, where nothing else was found
NAME_WORDS_MAX = 4  # of a question that may be a name
FAR_SHOWN = 3  # people of an answer in which nobody is close
CLOSE = 2  # the closeness that words of no meaning do not reach

Answer = ui.LayoutView
Show = Callable[[Sequence[Match], int], list[Block]]
"""Makes the blocks of the page whose first match has this place, from 0, among all."""

Question = Callable[[Directory, int], Awaitable[Answer]]
"""Makes the answer from a directory, for the number of who asked."""


async def ask(
    interaction: discord.Interaction, directories: Directories, question: Question, *, private: bool
) -> None:
    """Answer a question to the directory of the server that it is asked in."""

    async def make() -> Answer:
        directory = await directories.of(interaction.guild_id)
        return await question(directory, interaction.user.id)

    await answer(interaction, make(), private=private)


async def whois(
    directory: Directory, asker: int, query: str, *, literal: bool = False
) -> PagesView:
    """Who is called that, or has a name that ends so; else who is nearest by meaning."""
    named = [] if literal else await directory.people.find_named(query, HELD)
    if named:
        book = _held("", [Match(person) for person in named], _card_and_lines)
        return await PagesView.open(asker, query, book)
    results = await directory.search(query, HELD, literal=literal)
    nearest = small([sentences.answers.nearest_to(shown_words(results.query.text))])
    book = await _book(directory, results, nearest, _card_and_lines)

    async def otherwise() -> PagesView:
        return await whois(directory, asker, query, literal=not literal)

    return await PagesView.open(asker, query, book, _reading(results, otherwise, literal=literal))


async def search(
    directory: Directory,
    asker: int,
    query: str,
    most: int | None = None,
    *,
    literal: bool = False,
) -> PagesView:
    """Who is nearest by meaning among those who fit the conditions, ranked; or all who fit, by
    name. ``most`` is how many at the most."""
    results = await directory.search(query, most or HELD, literal=literal)
    words = [f"### {shown_words(results.query.text)}"]
    book = await _book(directory, results, words, _ranked, most)

    async def otherwise() -> PagesView:
        return await search(directory, asker, query, most, literal=not literal)

    return await PagesView.open(asker, query, book, _reading(results, otherwise, literal=literal))


async def similar(directory: Directory, asker: int, name: str, query: str = "") -> Answer:
    """Who is like somebody; in the direction of the words of ``query``, if there are any."""
    results = await directory.similar(name, query, HELD)
    assert results.like is not None
    person, words = plain(results.like.name), results.query.text
    like = (
        sentences.answers.like_but(person, shown_words(words))
        if words
        else sentences.answers.like(person)
    )
    lines = [f"### {like}"]
    if not (results.matches or results.query.filter):
        return view("\n".join(lines), [said(sentences.answers.NOBODY_ELSE)])
    book = (
        _found(results, lines, _ranked)
        if results.matches
        else _nobody(_title(lines, results), results)
    )
    return await PagesView.open(asker, words, book)


async def people(directory: Directory, asker: int, conditions: str = "") -> Answer:
    """Everybody who fits the conditions, by name."""
    query = await directory.parse_conditions(conditions)
    results = await directory.browse(query, 0, SIZE)
    everybody = [] if query.filter else [f"### {sentences.answers.EVERYBODY}"]
    title = _title(everybody, results)
    book = _browsed(directory, title, results) if results.total else _nobody(title, results)
    return await PagesView.open(asker, conditions, book)


async def about_text(directory: Directory, asker: int, text: str) -> Answer:
    """Whom a text names; else to whom it is nearest."""
    named = await directory.people.find_mentioned(text, HELD)
    if named:
        book = _held("", [Match(person) for person in named], _card_and_lines)
    else:
        results = await directory.nearest(text, HELD)
        nearest = small([sentences.answers.nearest_to(shown_words(text))])
        book = await _book(directory, results, nearest, _card_and_lines)
    return await PagesView.open(asker, "", book)


async def details(directory: Directory, name: str) -> Answer:
    """One person's card."""
    return view("", [card(Match(await directory.people.get(name)))])


async def anybody(directory: Directory) -> Answer:
    """Somebody's card, and the way to another one."""
    block = card(Match(await directory.people.random()))
    another = lead(sentences.answers.ANOTHER, "random", "")
    title = f"-# {sentences.answers.ANYBODY}"
    return view(title, [Block(block.text, block.beside, [*block.buttons, another])])


def _reading(results: SearchResults, otherwise: Reading, *, literal: bool) -> Otherwise | None:
    """The button to another reading, where plain words were read as conditions or could be."""
    if literal:
        return sentences.answers.USE_CONDITIONS, otherwise
    return (sentences.answers.IGNORE_CONDITIONS, otherwise) if results.query.has_english else None


async def _book(
    directory: Directory,
    results: SearchResults,
    words: list[str],
    show: Show,
    most: int | None = None,
) -> Book:
    """What a search found, under its words and conditions."""
    if not results.query.text:
        title = _title([], results)
        return (
            _browsed(directory, title, results, most) if results.total else _nobody(title, results)
        )
    if not results.matches:
        return _nobody(_title(words, results), results)
    best = results.matches[0].closeness or 0
    if best < CLOSE and not await directory.embedder.knows(results.query.text):
        return await _nothing_close(directory, results)
    near = await _near(directory, results, SLIP) if show is _card_and_lines else []
    return _found(results, words, show, near, most)


def _found(
    results: SearchResults,
    lines: list[str],
    show: Show,
    first: Sequence[Block] = (),
    most: int | None = None,
) -> Book:
    """The people found by meaning, on pages, under how many had to fit, and that nobody is very
    close if so."""
    notes: list[str] = []
    if results.query.filter:
        found = len(results.matches)
        notes.append(sentences.answers.who_fit(found, everybody=found < (most or HELD)))
    if not results.matches[0].closeness:
        notes.append(sentences.answers.NOBODY_VERY_CLOSE)
    title = "\n".join([_title(lines, results), *small(notes)])
    return _held(title, results.matches, show, first)


def _title(lines: list[str], results: SearchResults) -> str:
    """What is shown, the conditions as they were understood, and what nobody has of them."""
    notes = small(map(plain, results.notes))
    return "\n".join([*lines, *chips(results.query), *notes])


def _held(title: str, matches: Sequence[Match], show: Show, first: Sequence[Block] = ()) -> Book:
    """The matches on pages; ``first`` stands before them on the first page."""

    async def page(start: int) -> Sequence[Block]:
        blocks = show(matches, start)
        return blocks if start else [*first, *blocks]

    return Book(title, len(matches), page)


def _browsed(
    directory: Directory, title: str, results: SearchResults, most: int | None = None
) -> Book:
    """Those who fit conditions alone, by name; but for the first, a page is read when turned to."""
    total = results.total or 0
    shown = min(total, most or total)
    count = sentences.answers.people(total)
    if shown < total:
        count = sentences.answers.first_of(count, shown)

    async def page(start: int) -> Sequence[Block]:
        wanted = min(SIZE, shown - start)
        found = results.matches[start : start + wanted]
        if len(found) < wanted:
            found = (await directory.browse(results.query, start, wanted)).matches
        return lines(found, 0, wanted)

    title = "\n".join(filter(None, [title, f"-# {count}"]))
    if results.query.filter:
        return Book(title, shown, page)
    return Book(title, shown, page, directory.names.at)


def _nobody(title: str, results: SearchResults) -> Book:
    """That nobody was found."""
    nobody = sentences.answers.NOBODY_FITS
    if results.query.filter and not results.notes:
        nobody = f"{nobody} {sentences.answers.CHECK_THE_VALUES}"
    elif not results.query.filter:
        nobody = sentences.people.NOBODY_YET
    return _only(title, [said(nobody)])


async def _nothing_close(directory: Directory, results: SearchResults) -> Book:
    """That nobody is close, what to try instead, and who is the least far."""
    far = [line(match) for match in results.matches[:FAR_SHOWN]]
    blocks = [
        said(sentences.answers.NOTHING_CLOSE),
        *await _near(directory, results, LIKENESS),
        said(f"-# {sentences.answers.LEAST_FAR}", apart=True),
        *far,
    ]
    title = _title([f"### {shown_words(results.query.text)}"], results)
    return _only(title, blocks)


async def _near(directory: Directory, results: SearchResults, likeness: float) -> list[Block]:
    """Names that may be meant by the words of a question, as buttons."""
    words = results.query.text
    if results.query.filter or len(words.split()) > NAME_WORDS_MAX:
        return []
    names = await directory.names.similar(words, likeness)
    if not names:
        return []
    buttons = [lead(name, "meant", name) for name in names]
    return [Block(lambda _: f"-# {sentences.answers.DID_YOU_MEAN}", None, buttons)]


def _only(title: str, blocks: list[Block]) -> Book:
    """One page."""

    async def page(start: int) -> Sequence[Block]:
        return blocks

    return Book(title, SIZE, page)


def _card_and_lines(matches: Sequence[Match], start: int) -> list[Block]:
    """The best as a card, the others as lines."""
    if start:
        return lines(matches, start, start + SIZE)
    others = lines(matches, 1, SIZE)
    if others and not others[0].apart:
        others[0] = replace(others[0], apart=True)
    return [card(matches[0]), *others]


def _ranked(matches: Sequence[Match], start: int) -> list[Block]:
    return lines(matches, start, start + SIZE, ranked=True)
