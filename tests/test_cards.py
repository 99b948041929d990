"""Answers fit a message, whatever the question and the people found."""

from collections.abc import AsyncIterator

import pytest
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.directory import Directories, Directory, Redis
from bot.person import BASE_SCHEMA, Match, Person
from bot.query import QUERY_MAX, Filter, Query, print_query
from cogs import results
from cogs.cards import (
    condition_chips,
    container,
    image_url,
    list_rows,
    person_card,
    static_view,
)
from cogs.mentions import forgotten_note
from cogs.paging import Book, PagesView
from tests.discord_limits import COMPONENTS_MAX, displayed_text, violations
from tests.embedders import WordEmbedder
from tests.test_query import SCHEMA, trees

SIZES = (0, 1, 2, 6, 7, 13, 40)
IMAGE = f"https://example.org/{'x' * 400}.png"


def make_long_person(number: int) -> Person:
    """Return a person with a name, description and attributes of maximal length."""
    letter = "@*漢𝕏x"[number % 5]
    known = {
        "born": -9999,
        "country": "漢" * 100,
        "field": tuple(f"{letter * 98}{tag}" for tag in range(25)),
        "gender": letter * 99 + "a",
    }
    return Person(f"{number:02}{letter * 98}", f"poet {letter * 9} " * 140, known)


@pytest.fixture(scope="module")
async def directories_by_size(redis: Redis) -> AsyncIterator[dict[int, Directory]]:
    directories = Directories(redis, WordEmbedder(), "cards:{guild}", lambda: (BASE_SCHEMA, []))
    directories_by_size = {size: await directories.open(str(size)) for size in SIZES}
    for size, directory in directories_by_size.items():
        await directory.fields.define({**SCHEMA, "image": SCHEMA["country"]})
        await directory.people.add_many([make_long_person(number) for number in range(size)])
    yield directories_by_size


def assert_fits_message(answer: ui.LayoutView) -> None:
    """Assert that a message takes the answer, and a note below it."""
    answer.add_item(ui.TextDisplay(f"-# {forgotten_note()}"))
    assert violations({"components": answer.to_components()}) == []


async def open_book(book: Book) -> PagesView:
    return await PagesView(1, book).show()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize(
    "query",
    [
        "poets born:" + ",".join(["1c"] * 160),
        "*" * 499 + "x",
        "漢" * 500,
        "country:" + "a,b" * 160,
        " ".join(f"country:{'*' * 40}{n}" for n in range(9)),
        "poet",
        f"01{'*' * 97}",
        "is:alive",
    ],
)
async def test_every_answer_fits_a_message(
    directories_by_size: dict[int, Directory], query: str, size: int
):
    directory = directories_by_size[size]
    for ask in (results.whois, results.search):
        for literal in (False, True):
            assert_fits_message(await open_book(await ask(directory, query, literal=literal)))
    assert_fits_message(await open_book(await results.about_text(directory, query)))
    if size:
        assert_fits_message(
            await open_book(await results.similar(directory, make_long_person(0).name, query))
        )


@given(tree=trees)
@settings(max_examples=100, deadline=None)
async def test_every_filter_fits_a_message(directories_by_size: dict[int, Directory], tree: Filter):
    query = Query("", tree)
    if len(print_query(tree)) <= QUERY_MAX:
        found = await directories_by_size[7].browse(query, 0, 6)
        title = "\n".join([*condition_chips(query), *found.notes])
        assert_fits_message(static_view(title, list_rows(found.matches, 0, 6)))
        assert_fits_message(
            await open_book(await results.people(directories_by_size[7], print_query(tree)))
        )


@given(
    title=st.sampled_from(["", "x" * 1000, "漢" * 1000]),
    pictures=st.lists(st.booleans(), min_size=1, max_size=6),
    other_components=st.integers(0, 8),
)
@settings(max_examples=50, deadline=None)
def test_a_container_leaves_room_for_other_components(
    title: str, pictures: list[bool], other_components: int
):
    people = [
        Person(p.name, p.description, {**p.attributes, "image": IMAGE} if picture else p.attributes)
        for p, picture in (
            (make_long_person(number), pictures[number]) for number in range(len(pictures))
        )
    ]
    answer = ui.LayoutView()
    matches = [Match(person) for person in people]
    blocks = [person_card(matches[0]), *list_rows(matches, 1, len(matches))]
    answer.add_item(container(title, blocks, other_components=other_components))
    assert_fits_message(answer)
    assert answer.total_children_count + other_components <= COMPONENTS_MAX
    assert title in displayed_text(answer.to_components())
    for person in people:
        assert person.name[:2] in displayed_text(answer.to_components())


def test_people_who_do_not_fit_are_counted_and_have_no_buttons():
    people = [Match(Person(f"{number} {'@' * 97}")) for number in range(40)]
    answer = static_view("漢" * 1500, list_rows(people, 0, 40)).to_components()
    people_shown = str(answer).count("lead:details")
    assert 0 < people_shown < 40
    assert displayed_text(answer).endswith(f"… and {40 - people_shown} more")


@pytest.mark.parametrize(
    ("url", "is_shown"),
    [
        ("https://upload.wikimedia.org/wikipedia/commons/a.jpg", True),
        ("https://example.org:8443/a%20b.png?x=(1)&y=[2]#z", True),
        ("HTTPS://Example.ORG", True),
        ("http://example.org/a.png", False),
        ("javascript:alert(1)", False),
        ("https://user@example.org/a.png", False),
        ("https://example.org/a b.png", False),
        ("https://example.org/é.png", False),
        ("https://exämple.org/a.png", False),
        ("https://localhost/a.png", False),
        ("https://[::1]/a.png", False),
        ("https://[broken/a.png", False),
        ("https://-a.example/a.png", False),
        ("https://a..example/a.png", False),
        ("https://example.org:0/a.png", False),
        ("https://example.org:99999/a.png", False),
        ('https://example.org/"<>.png', False),
        ("https://example.org/a\\b.png", False),
        ("https://example.org/a.png\n", False),
        (f"https://example.org/{'x' * 2500}.png", False),
        ("", False),
        (7, False),
    ],
)
def test_only_image_urls_that_discord_accepts_are_shown(url: str, is_shown: bool):
    person = Person("A", "", {"image": url})
    assert (image_url(person) is not None) is is_shown
    components = static_view("", [person_card(Match(person))]).to_components()
    assert violations({"components": components}) == []
    assert ("media" in str(components)) is is_shown
