"""A thousand people whose names, descriptions and attributes are hostile, in every answer."""

import random
import re
import unicodedata
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import discord
import pytest
import simcord
from discord import ui
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.client import PeopleBot
from bot.directory import Author, Directories, Directory, Redis
from bot.errors import DirectoryError, PersonNotFound
from bot.interactions import label, plain
from bot.interactions.errors import error_text
from bot.person import BASE_SCHEMA, Kind, Match, Person, fold, has_alphanumeric
from cogs import results
from cogs.autocomplete import name_choices, query_choices
from cogs.cards import list_row, person_card, static_view
from cogs.forms import PersonDraft, PersonForm
from cogs.help import help_topics, help_view
from cogs.paging import Book, PagesView
from cogs.people import removal_question
from tests.discord_limits import (
    CODE,
    ESCAPE,
    active_markdown,
    displayed_text,
    render,
    violations,
    walk,
)
from tests.embedders import WordEmbedder

GUILD = 77
PEOPLE = 1000
CASES = random.Random(20)

MARKDOWN = [
    *("**b**", "__u__", "*i*", "_i_", "~~s~~", "||hidden||", "`c`", "```py x```", "``", "***"),
    *("# h", "### h", "-# s", "> q", ">>> q", "- l", "* l", "+ l", "1. n", "12) n", "---", "==="),
    *("[a](https://evil.example/x)", "[a](<https://evil.example>)", "\\", "\\\\", "\\*", "&lt;"),
    *("| a | b |", "~~~", "_ _", "<b>", "<!--", "&#64;everyone"),
]
PINGS = [
    *("@everyone", "@here", "<@1>", "<@!1>", "<@&2>", "<#3>", "</whois:4>", "</whois a:4>"),
    *("<t:0:R>", "<t:1>", "<:custom:5>", "<a:custom:5>", "<id:guide>", ":heart:", ":+1:"),
]
LINKS = [
    *("https://evil.example/x", "http://evil.example", "HTTPS://EVIL.EXAMPLE/X", "steam://run/1"),
    *("discord.gg/x", "DISCORD.GG/abc", "https://discord.com/invite/x", "discord.com/invite/x"),
    *("discordapp.com/invite/x", "<https://evil.example>", "ftp://evil.example", "discord.gift/x"),
    *("https://evil.example/:a:", "mailto:a@evil.example", "https:///evil.example"),
]
INVISIBLE = [
    *("\u00ad", "\u034f", "\u061c", "\u115f", "\u1160", "\u180e", "\u200b", "\u200c", "\u200d"),
    *("\u200e", "\u200f", "\u2060", "\u3164", "\ufeff", "\uffa0"),
]
DIRECTIONAL = list(
    "\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)  # names can't contain these
SCRIPTS = [
    *(
        "مرحبا بالعالم",
        "שלום",
        "١٢٣",
        "漢字かな",
        "한국어",
        "ｆｕｌｌ",
        "𝕬𝖘𝖙𝖗𝖆𝖑",
        "ﷺ",
        "𒐫",
        "Ω",
        "ß",
    ),
    *("ก็็็็็็็็็็็็", "a" + "\u0301\u0316" * 20, "Z\u0337\u0322\u0360\u20dd\u0489", "é", "ｶﾞ" * 5),
    *("😀", "👨‍👩‍👧‍👦", "🏴‍☠️", "🇫🇷", "1️⃣", "𓀀" * 20, "W" * 40, "l" * 60, "w" * 300),
]
HOSTILE = [*MARKDOWN, *PINGS, *LINKS, *INVISIBLE, *SCRIPTS]

IMAGES = [
    *("https://example.org/a.png", "http://example.org/a.png", "javascript:alert(1)", "a"),
    *("https://user:pw@example.org/a.png", "https://example.org/a b.png", "https://ex.org/é.png"),
    *("https://example.org/" + "x" * 480, "https://exämple.org/a", "data:image/png;base64,AA=="),
    *("https://[bad/a", "https://a..b/", "https://ex.org:0/", "https://ex.org/<a>\"'.png", "//a.b"),
    *("attachment://x.png", "https://", "https://.a", "https://ex.org\\@evil.example/a"),
]

TEXTS = [f"text_{number:02}" for number in range(30)]
TAGS = [f"tags_{number}" for number in range(5)]
SCHEMA = {
    **BASE_SCHEMA,
    "image": Kind.TEXT,
    **dict.fromkeys(TEXTS, Kind.TEXT),
    **dict.fromkeys(TAGS, Kind.TAGS),
    "laureate": Kind.FLAG,
    "height": Kind.NUMBER,
}
assert len(SCHEMA) == 40


def hostile(max_length: int, pieces: int, choices: list[str] = HOSTILE) -> str:
    separator = CASES.choice(["", " ", " ", "\u3000", "x"])
    return separator.join(CASES.choices(choices, k=CASES.randint(1, pieces)))[:max_length]


def value() -> str:
    return f"{hostile(98, 4)}a"


def make_person(number: int) -> Person:
    """Return a person that can be stored, with as much hostile text as possible."""
    name = CASES.choice([f"{hostile(90, 6)} {number}", f"{number}{hostile(90, 5)}"])
    if number % 4 == 0:
        name = (name + hostile(100, 20) * 100)[:99] + CASES.choice("xé漢𝕏")
    known: dict[str, Any] = {}
    fields = list(SCHEMA) if number % 10 == 0 else CASES.sample(list(SCHEMA), CASES.randint(0, 6))
    for field in fields:
        match SCHEMA[field]:
            case Kind.TAGS:
                known[field] = [f"{value()[:96]}{tag}" for tag in range(number % 25 + 1)]
            case Kind.TEXT:
                known[field] = value()
            case Kind.FLAG:
                known[field] = bool(number % 2)
            case Kind.NUMBER:
                known[field] = number
    known |= {"image": IMAGES[number % len(IMAGES)]} if number % 3 == 0 else {}
    if "died" in known:
        known["died"] = known.get("born", number) + 1
    return Person.create(name, f"{hostile(1998, number % 150 + 1)} a", known, SCHEMA)


@dataclass
class Crowd:
    directories: Directories
    directory: Directory
    people: list[Person]


@pytest.fixture(scope="module")
async def crowd(redis: Redis) -> AsyncIterator[Crowd]:
    people: dict[str, Person] = {}
    for number in range(2 * PEOPLE):
        person = make_person(number)
        people.setdefault(fold(person.name), person)
    chosen = list(people.values())[:PEOPLE]
    assert len(chosen) == PEOPLE
    directories = Directories(redis, WordEmbedder(), "hostile:{guild}", lambda: (BASE_SCHEMA, []))
    directory = await directories.open(str(GUILD))
    await directory.fields.define(SCHEMA)
    assert await directory.people.add_many(chosen) == {}
    yield Crowd(directories, directory, chosen)


ALLOWED_TOKENS = {
    *("paragraph", "heading", "inline", "text", "break", "subtext", "code"),
    *("strong_open", "strong_close", "timestamp", "bullet_list", "list_item"),
}


def read_payload(payload: dict[str, Any]) -> str:
    """Return the text of a payload as Discord shows it.

    Asserts that Discord accepts the payload, and that its texts have no active markdown.
    """
    assert violations(payload) == []
    read = []
    texts = [c["content"] for c in walk(payload.get("components") or ()) if c["type"] == 10]
    for text in [*texts, payload.get("content") or ""]:
        assert active_markdown(text) == [], text
        seen, kinds = render(text)
        if not payload.get("content"):
            assert kinds <= ALLOWED_TOKENS, (kinds - ALLOWED_TOKENS, text)
        own = ESCAPE.sub("", CODE.sub("", text)).count("**")
        assert own % 2 == 0, text
        read.append(seen)
    return "\n".join(read)


def read_view(answer: ui.LayoutView) -> str:
    return read_payload({"components": answer.to_components()})


def visible_letters(name: str) -> list[str]:
    """Return the letters of a name that can be seen."""
    hidden = "\u115f\u1160\u3164\uffa0"
    return [c for c in name if c.isalnum() and c not in hidden]


def contains_letters(name: str, text: str) -> bool:
    """Return whether the letters of a name are in a text, in their order."""
    rest = iter(text)
    return all(letter in rest for letter in visible_letters(name))


# One text


@given(
    st.lists(
        st.sampled_from([*HOSTILE, *DIRECTIONAL, "\n", "\x85", "\u2028", "a ", "1"]), max_size=12
    )
    | st.lists(st.characters(codec="utf-8"), max_size=40)
)
@settings(max_examples=1500, deadline=None)
def test_text_is_shown_as_it_was_typed(pieces: list[str]):
    text = "".join(pieces)
    made = plain(text)
    assert "\n" not in made
    assert active_markdown(made) == []
    seen, kinds = render(made)
    assert kinds <= {"paragraph", "inline", "text", "subtext"}
    assert contains_letters(text, seen)
    assert not text or made
    button = label(text, 80)
    assert 1 <= len(button) <= 80 and button == button.strip()


def test_stacked_combining_marks_are_removed():
    for tower in ("a" + "\u0301" * 50, "ก" + "\u0e47" * 50, "a" + "\u20dd" * 50):
        assert len(plain(tower)) <= 5
    for word in ("ที่นี่", "क्षत्रिय", "Việt", "שָׁלוֹם", "👩🏽‍🚀", "1️⃣"):
        assert plain(word).strip("\u2068\u2069") == word


# Every card and page


async def test_every_card_shows_its_text_literally(crowd: Crowd):
    for person in crowd.people:
        read = read_view(await results.card_view(crowd.directory, person.name))
        assert contains_letters(person.name, read.split("\n")[0]), person.name
        assert person.years in read


async def test_every_removal_question_shows_the_name_literally(crowd: Crowd):
    for person in crowd.people:
        read = read_view(removal_question(1, crowd.directory, person, _nothing))
        assert "Remove this person from the directory?" in read and contains_letters(
            person.name, read
        )
    question = removal_question(1, crowd.directory, crowd.people[0], _nothing)
    question.expire()
    assert contains_letters(crowd.people[0].name, read_view(question))


async def _nothing(*_: object) -> None: ...


async def test_every_form_is_accepted_by_discord(crowd: Crowd):
    for person in crowd.people:
        form = PersonForm(
            f"Edit {person.name}", PersonDraft.of(person), _save, _nothing, with_name=True
        )
        assert violations(form.to_dict()) == []
    typed = "\u202e" * 6000
    for draft in (
        PersonDraft(typed, typed, typed, typed, typed),
        PersonDraft("a" * 101, "", "b" * 21),
    ):
        assert violations(PersonForm(typed, draft, _save, _nothing, with_name=True).to_dict()) == []


async def _save(interaction: object, draft: PersonDraft) -> ui.LayoutView:
    return static_view("")


QUESTIONS: dict[str, Callable[[Directory, Person], Any]] = {
    "a name": lambda directory, person: results.whois(directory, person.name),
    "the end of a name": lambda d, person: results.whois(d, person.name.split()[-1]),
    "a name with a slip": lambda d, person: results.whois(d, person.name[:4] + person.name[5:]),
    "words": lambda directory, person: results.whois(directory, person.description[:200]),
    "words alone": lambda d, person: results.whois(d, person.description[:99], literal=True),
    "a search": lambda directory, person: results.search(directory, person.description[-200:]),
    "a condition": lambda d, person: results.search(d, f'text_00:"{person.name}" born>5'),
    "nothing": lambda directory, person: results.search(directory, f"qqq {person.name[:50]}"),
    "those like somebody": lambda directory, person: results.similar(directory, person.name),
    "like, but": lambda d, person: results.similar(d, person.name, person.description[:99]),
    "conditions": lambda d, person: results.people(d, f'-tags_1:"{person.name}"'),
    "a message": lambda directory, person: results.about_text(directory, person.description),
    "chance": lambda directory, person: results.random_card_view(directory),
    "nobody": lambda directory, person: results.card_view(directory, person.name[1:]),
    "what turns": lambda d, person: results.whois(d, "\u202e" + person.name + "\u2066a" * 9),
}


@pytest.mark.parametrize("question", QUESTIONS)
async def test_every_answer_shows_its_text_literally(crowd: Crowd, question: str):
    answered = 0
    for person in CASES.sample(crowd.people, 25):
        try:
            answer = await QUESTIONS[question](crowd.directory, person)
            if isinstance(answer, Book):
                answer = await PagesView(1, answer).show()
        except DirectoryError as error:
            read_payload({"content": error_text(error)})
        else:
            read_view(answer)
            answered += 1
    assert answered or question == "nobody"


async def test_every_help_page_is_accepted_by_discord(crowd: Crowd):
    for _ in range(20):
        for topic in [*help_topics(), "no topic"]:
            answer = await help_view(crowd.directory, topic)
            components = answer.to_components()
            assert violations({"components": components}) == []


async def test_every_autocompletion_is_accepted_by_discord(crowd: Crowd):
    for person in CASES.sample(crowd.people, 60):
        for typed in ("", person.name[:3], person.name.split()[-1], hostile(20, 3)):
            for offer in (name_choices, query_choices):
                await _check_choices(await offer(crowd.directory, typed))
        for name in SCHEMA:
            await _check_choices(await query_choices(crowd.directory, f"{hostile(20, 2)} {name}:"))


async def _check_choices(choices: list[discord.app_commands.Choice[str]]) -> None:
    assert violations({"choices": [choice.to_dict() for choice in choices]}) == []


def test_every_error_shows_its_text_literally():
    for _ in range(500):
        text = hostile(900, 60, [*HOSTILE, *DIRECTIONAL])
        read_payload(
            {"content": error_text(PersonNotFound(text, [hostile(100, 9) for _ in range(3)]))}
        )
        read_payload({"content": error_text(DirectoryError(text))})


async def test_people_with_invisible_names_can_be_shown(crowd: Crowd):
    """Another program may have stored anything."""
    for name in ("\u3164\u3164", "\u200b", "\u0301", "", "x" * 5000, "a\nb\u2029# c", "\u202ea"):
        answer = static_view(
            "",
            [
                person_card(Match(Person(name, name, {"a": name}))),
                list_row(Match(Person(name, ""))),
            ],
        )
        read_view(answer)


# What is sent to Discord


@dataclass
class SentPayloads:
    """What the bot has sent to the offline Discord."""

    env: simcord.Env
    checked: int = 0

    def check(self) -> None:
        for request in self.env.http_requests[self.checked :]:
            self.checked += 1
            body = request.json
            if not isinstance(body, dict) or request.path.endswith("/commands"):
                continue
            payload = body.get("data", body)
            if payload is None or not {"components", "content", "choices"} & set(payload):
                continue
            if "title" in payload or "choices" in payload or _is_help(payload):
                assert violations(payload) == []
            else:
                read_payload(payload)
                mentions = payload.get("allowed_mentions")
                assert mentions in ({"parse": []}, {"parse": [], "replied_user": False}), payload


def _is_help(payload: dict[str, Any]) -> bool:
    return "lead:help:" in str(payload)


@pytest.fixture
async def offline_discord(crowd: Crowd) -> AsyncIterator[tuple[SentPayloads, Any, Any]]:
    env = simcord.Env(PeopleBot(crowd.directories), shard_count=1)
    await env.start()
    guild = env.create_guild(id=GUILD)
    channel = guild.create_text_channel("general")
    editors = guild.create_role("Editors", permissions=discord.Permissions.all())
    yield SentPayloads(env), channel, guild.add_member(env.create_user("admin"), roles=[editors])
    assert not env.errors
    await env.shutdown()


async def test_every_page_of_people_is_accepted_by_discord(
    crowd: Crowd, offline_discord: tuple[SentPayloads, Any, Any]
):
    sent, channel, member = offline_discord
    asked = await member.slash(channel, "people")
    pages = -(-PEOPLE // 6)
    read = []
    for page in range(pages):
        components = asked.response.components
        read.append(render(displayed_text(components))[0])
        if page < pages - 1:
            await member.click(asked.response, label="Next ›")
    sent.check()
    assert sent.checked > pages
    names = sorted((person.name for person in crowd.people), key=lambda name: (fold(name), name))
    for page, there in enumerate(read):
        for name in names[page * 6 : page * 6 + 6]:
            assert contains_letters(name, there), (page, name)


async def test_every_command_and_button_is_accepted_by_discord(
    crowd: Crowd, offline_discord: tuple[SentPayloads, Any, Any]
):
    sent, channel, member = offline_discord
    for person in CASES.sample(crowd.people, 4):
        await sent.env.restart_bot(PeopleBot(crowd.directories))  # without its views, to be faster
        name = person.name
        results = [
            await member.slash(channel, "whois", query=name),
            await member.slash(channel, "whois", query=person.description[:100]),
            await member.slash(channel, "search", query=person.description[:100]),
            await member.slash(channel, "similar", person=name),
            await member.slash(channel, "people", filter=f'-text_01:"{value()}"'),
            await member.slash(channel, "random"),
            await member.slash(channel, "help"),
            await member.slash(channel, "removeperson", name=name),
            await member.slash(channel, "setattribute", name=name, attribute="height", value="1"),
            await member.slash(channel, "editperson", name=name, born="-5", died="none"),
            await member.slash(channel, "editperson", name=name + "x"),
        ]
        form = await member.slash(channel, "editperson", name=name)
        assert form.modal or form.ephemeral
        if form.modal:
            results.append(await submit_after_conflict(crowd.directory, member, form, person))
        await crowd.directory.people.update(
            name, f"{hostile(900, 60)} a", {"text_02": value()}, by=random_author()
        )
        results += [
            await member.slash(channel, "history"),
            await member.slash(channel, "history", person=name),
            await member.slash(channel, "undo"),
            await member.slash(channel, "attributes list"),
            await member.slash(channel, "setattribute", filter="height=1", **random_attribute()),
        ]
        for option in ("person", "by"):
            for typed in ("", name[:3]):
                await member.autocomplete(channel, "history", option, typed)
        await member.autocomplete(channel, "undo", "change", "")
        me = sent.env.bot.user
        assert me is not None
        await member.send(channel, f"{me.mention} {person.description[:400]}")
        written = await member.send(channel, f"{member.mention} {person.description[:1000]}")
        results.append(await member.context_menu(channel, "Who is this about?", written))
        for offered in ("whois", "removeperson"):
            option = "query" if offered == "whois" else "name"
            await member.autocomplete(channel, offered, option, name[:5])
        for result in results:
            assert result.acknowledged
            if result.response is None:
                continue
            button_ids = [
                c["custom_id"]
                for c in walk(result.response.components)
                if c.get("custom_id", "").startswith("lead:") and not c.get("disabled")
            ]
            for custom_id in button_ids[:2]:
                pressed = await member.click(result.response, custom_id=custom_id)
                assert pressed.acknowledged and pressed.ephemeral
                if re.match("lead:(?:details|similar)", custom_id):
                    assert "Nobody here is called" not in str(pressed.response.components)
                    assert not pressed.response.content, custom_id
    sent.check()
    assert sent.checked > 100


def random_author() -> Author:
    return Author(str(CASES.randint(1, 9)), hostile(32, 3) or "a")


def random_attribute() -> dict[str, str]:
    return {"attribute": CASES.choice([*TEXTS, *TAGS]), "value": value()}


async def submit_after_conflict(
    directory: Directory, member: Any, form: Any, person: Person
) -> Any:
    """Submit a form after someone else changed its person."""
    changed = {name: value() for name in TEXTS[:12]}
    await directory.people.update(
        person.name, f"{hostile(1998, 150)} a", changed, by=random_author()
    )
    typed = {"Description": f"{hostile(1998, 150)} a", "Attributes": ""}
    values = {
        row["component"]["custom_id"]: typed.get(row["label"], "")
        for row in form.modal["components"]
    }
    return await member.submit_modal(form, values)


def test_the_cases_are_hostile(crowd: Crowd):
    """The people have hostile names, and some have names and attributes of maximal length."""
    names = "\n".join(person.name for person in crowd.people)
    for piece in (*MARKDOWN, *PINGS, "discord.gg/x", "\u200b", "\u3164", "שלום", "👨‍👩‍👧‍👦"):
        assert unicodedata.normalize("NFC", piece) in names
    assert sum(len(person.name) == 100 for person in crowd.people) > 100
    assert sum(len(person.attributes) == 40 for person in crowd.people) > 50
    assert any(
        len(v) == 25
        for p in crowd.people
        for v in p.attributes.values()
        if v and isinstance(v, tuple)
    )
    assert all(has_alphanumeric(fold(person.name)) for person in crowd.people)
