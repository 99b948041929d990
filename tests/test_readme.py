"""The README and the help say what is there."""

import re

import pytest

from bot.client import PeopleBot
from bot.person import DESCRIPTION_MAX, FIELDS_MAX, NAME_MAX
from bot.query import QUERY_MAX
from bot.settings import Settings
from tests.conftest import ROOT

README = (ROOT / "README.md").read_text()


async def test_every_command_is_there_with_its_options(make_directories):
    bot = PeopleBot(make_directories())
    for extension in ("cogs.search", "cogs.admin"):
        await bot.load_extension(extension)
    documented = dict(re.findall(r"^\| `/(\w+)([^`]*)` \|", README, re.MULTILINE))
    assert set(documented) == {command.name for command in bot.tree.get_commands()}
    for command in bot.tree.get_commands():
        options = [
            option["name"] if option.get("required") else f"[{option['name']}]"
            for option in command.to_dict(bot.tree)["options"]
        ]
        assert documented[command.name].split() == options, command.name


def test_every_setting_is_there_with_its_default():
    rows = dict(re.findall(r"^\| `([A-Z_]+)` \|\s*`?([^`|]*?)`?\s*\|", README, re.MULTILINE))
    assert {name.lower() for name in rows} == set(Settings.__dataclass_fields__)
    assert Settings.parse(dict(rows)) == Settings()


@pytest.mark.parametrize("verb", ["preview", "search", "import", "export"])
def test_every_verb_is_there(verb: str):
    assert re.search(rf"^\| `{verb}\b", README, re.MULTILINE)


def test_the_limits_are_the_code_s():
    for limit in (NAME_MAX, DESCRIPTION_MAX, QUERY_MAX, FIELDS_MAX):
        assert re.search(rf"\b{limit:,}\b", README)


def test_the_pictures_are_there():
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).stat().st_size < 200_000


def test_the_make_targets_are_there():
    makefile = (ROOT / "Makefile").read_text()
    for target in set(re.findall(r"^make (\w+)", README, re.MULTILINE)):
        assert re.search(rf"^{target}:", makefile, re.MULTILINE)
