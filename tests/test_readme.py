"""The README and the pages it leads to say what is there."""

import re

import pytest
import typer.core
import typer.main
from discord import AppCommandType, app_commands

from bot.__main__ import app
from bot.client import EXTENSIONS, PeopleBot
from bot.interactions.admission import MEMBER_BURST, SERVER_BURST, SERVER_INTERVAL_SECONDS
from bot.person import DESCRIPTION_MAX, FIELDS_MAX, NAME_MAX, Kind
from bot.person.values import infer_kind, infer_value
from bot.query import QUERY_MAX, parse
from bot.settings import Settings
from tests.conftest import ROOT
from tests.test_docs import FIELDS, KNOWN
from tests.test_query import YEAR

README = (ROOT / "README.md").read_text()
COMMANDS, SETTINGS, TERMINAL, LIMITS, ATTRIBUTES, INDEX = (
    (ROOT / "docs" / f"{name}.md").read_text()
    for name in ("commands", "settings", "terminal", "limits", "attributes", "index")
)
LINES_MAX = 130  # a README that people finish


def test_the_readme_is_short():
    assert len(README.splitlines()) < LINES_MAX


def test_the_index_leads_to_every_page():
    pages = {path.name for path in (ROOT / "docs").glob("*.md")} - {"index.md"}
    assert pages <= set(re.findall(r"\((\w[\w-]*\.md)\)", INDEX))
    assert "(docs/index.md)" in README


def test_every_link_leads_somewhere():
    for page in [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text()):
            assert (page.parent / link).exists(), (page.name, link)


async def test_every_command_is_there_with_its_options(make_directories):
    bot = PeopleBot(make_directories())
    for extension in EXTENSIONS:
        await bot.load_extension(extension)
    documented = re.findall(r"^\| `/([^`]+)` \|", COMMANDS, re.MULTILINE)
    commands = [
        command
        for command in bot.tree.walk_commands(type=AppCommandType.chat_input)
        if isinstance(command, app_commands.Command)
    ]
    assert len(documented) == len(commands)
    menus = bot.tree.get_commands(type=AppCommandType.message)
    for page in (README, COMMANDS):
        assert menus and all(f"*Apps > {menu.name}*" in page for menu in menus)
    for command in commands:
        options = [
            option["name"] if option.get("required") else f"[{option['name']}]"
            for option in command.to_dict(bot.tree)["options"]
        ]
        assert " ".join([command.qualified_name, *options]) in documented


def test_every_setting_is_there_with_its_default():
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \|\s*`?([^`|]*?)`?\s*\|", SETTINGS, re.MULTILINE))
    assert {name.lower() for name in rows} == set(Settings.__dataclass_fields__)
    assert Settings.parse(dict(rows)) == Settings()


def test_every_verb_is_there_with_its_options():
    group = typer.main.get_command(app)
    assert isinstance(group, typer.core.TyperGroup)
    for name, verb in group.commands.items():
        row = re.search(rf"^\| `({name}\b[^`]*)`", TERMINAL, re.MULTILINE)
        assert row, name
        for parameter in verb.params:
            shown = {*parameter.opts, *parameter.secondary_opts, parameter.name.upper()}
            assert any(word in row[1] for word in shown) or parameter.name == "help", parameter


def test_its_questions_are_understood():
    asking = README.partition("### Conditions")[2].partition("##")[0]
    conditions = re.findall(
        "`([^`]+)`", "".join(re.findall(r"^\| (`.*`) \|", asking, re.MULTILINE))
    )
    assert len(conditions) >= 10
    for query in conditions:
        parsed = parse(query, FIELDS, YEAR)
        assert parsed.filter and not parsed.text, query
    questions = re.findall(r"\*([^*]+)\*", " ".join(asking.split()))
    assert len(questions) == 3
    for query in questions:
        parsed = parse(query, FIELDS, YEAR, KNOWN)
        assert parsed.filter and parsed.has_english, query


def test_the_limits_are_the_code_s():
    flowing = " ".join(LIMITS.split())
    assert f"A name has at most {NAME_MAX} characters, a description {DESCRIPTION_MAX:,}" in flowing
    assert f"a query {QUERY_MAX}." in flowing
    assert f"A directory has at most {FIELDS_MAX} attributes" in flowing
    assert f"{MEMBER_BURST} requests at once" in flowing
    assert (
        f"a server {SERVER_BURST}, and then {1 / SERVER_INTERVAL_SECONDS:.0f} per second" in flowing
    )


@pytest.mark.parametrize("kind", Kind)
def test_every_kind_of_attribute_has_an_example(kind: Kind):
    for text, condition in re.findall(r"^\|[^|]+\| `([^`]+)` \| `([^`]+)`", ATTRIBUTES, re.M):
        name, value = text.split("=")
        if infer_kind([infer_value(value)]) is kind:
            assert parse(condition, {name: kind}, YEAR).filter
            return
    pytest.fail(f"no example of {kind}")


def test_the_pictures_are_there():
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).stat().st_size < 200_000


def test_the_make_targets_are_there():
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"^make (\w+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
