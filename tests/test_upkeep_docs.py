"""docs/upkeep.md shows only commands, options and settings that exist."""

import re

import pytest
import typer.core
import typer.main

from bot.__main__ import app
from bot.cli.maintenance import CLEAN, DAMAGED, NOT_REPAIRED
from bot.maintenance.backup.writer import ATTEMPTS as BACKUP_ATTEMPTS
from bot.maintenance.check import ATTEMPTS
from bot.settings import Settings
from tests.conftest import ROOT

PAGE = (ROOT / "docs" / "upkeep.md").read_text()
COMMANDS = re.findall(r"(?:\bpython -m bot|^bot|^\w+=\S+ bot) (\w+.*)$", PAGE, re.MULTILINE)
GROUP = typer.main.get_command(app)
assert isinstance(GROUP, typer.core.TyperGroup)
VERBS = GROUP.commands


def test_every_verb_is_shown():
    assert {command.split()[0] for command in COMMANDS} == {"backup", "restore", "check", "reembed"}
    assert len(COMMANDS) >= 9


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_is_valid(command: str):
    verb, *arguments = re.sub(r"\$\(.*?\)", "1", command).split()
    VERBS[verb].make_context(verb, arguments)  # raises if an option is unknown


def test_every_option_exists():
    options = {o for verb in VERBS.values() for p in verb.params for o in p.opts}
    assert set(re.findall(r"--[a-z][\w-]*", PAGE)) <= options


def test_every_setting_exists():
    settings = {name.upper() for name in Settings.__dataclass_fields__}
    named = set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", PAGE))
    assert named <= {*settings, "HF_HOME", "HF_HUB_OFFLINE"}  # these are Hugging Face's


def test_the_exit_codes_are_those_of_check():
    codes = re.findall(r"^\| (\d) \|", PAGE, re.MULTILINE)
    assert list(map(int, codes)) == [CLEAN, DAMAGED, NOT_REPAIRED]


def test_the_number_of_attempts_is_right():
    assert "after five attempts" in " ".join(PAGE.split()) and ATTEMPTS == BACKUP_ATTEMPTS == 5


def test_the_readme_links_to_the_page():
    assert "(docs/upkeep.md)" in (ROOT / "README.md").read_text()
