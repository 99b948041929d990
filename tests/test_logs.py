"""The log tells what happens, and nothing of what people write or what is secret."""

import asyncio
import json
import logging
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from io import StringIO
from pathlib import Path
from typing import Any

import discord
import pytest
from redis import exceptions

from bot.directory.redis.errors import translate
from bot.errors import DirectoryUnavailable
from bot.logs import OWN_LOGGERS, configure_logging, describe, format_trace
from bot.settings import Settings
from tests.conftest import ROOT
from tests.world import World, fill_form, text

MARKER = "zyxwvut"
TOKEN = "MTE4NzY1NDMyMTA5ODc2NTQzMg.GaBcDe.abcdefghijklmnopqrstuvwxyz0123456789AB"
PASSWORD = "open:sesame/"
SETTINGS = Settings(TOKEN, "rediss://keeper:open%3Asesame%2F@example.org:6380", log_level="DEBUG")

Logging = Callable[[Settings], StringIO]


@pytest.fixture
def logging_to() -> Iterator[Logging]:
    """Logs as ``configure_logging`` does, and gives back what pytest and others set before."""
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    levels = {name: logging.getLogger(name).level for name in OWN_LOGGERS}

    def begin(settings: Settings) -> StringIO:
        root.handlers[:] = []
        stream = StringIO()
        configure_logging(settings, serving=True, stream=stream)
        return stream

    yield begin
    root.handlers[:] = handlers
    root.setLevel(level)
    for name, before in levels.items():
        logging.getLogger(name).setLevel(before)


async def test_no_command_leaves_a_word_of_its_own_in_the_log(world: World, logging_to: Logging):
    stream = logging_to(SETTINGS)
    name = f"{MARKER.title()} Example"
    added = {"name": name, "description": f"a {MARKER} painter", "attributes": f"field={MARKER}"}
    await world.admin.slash(world.channel, "addperson", **added)
    for query in (MARKER, f"{MARKER} died<soon", f"{MARKER}:x", f"field:{MARKER}", f'"{MARKER}'):
        for command in ("whois", "search"):
            await world.member.slash(world.channel, command, query=query)
        await world.member.autocomplete(world.channel, "search", "query", query)
        await world.member.slash(world.channel, "similar", person=query)
        await world.member.slash(world.channel, "people", filter=query)
    found = await world.member.slash(world.channel, "whois", query=name)
    pressed = await world.member.click(found.response, label="Find similar")
    assert pressed.ephemeral
    await world.member.send(world.channel, f"{world.env.bot.user.mention} {MARKER}?")
    opened = await world.admin.slash(world.channel, "editperson", name=name)
    changed = fill_form(opened.modal, Description=f"{MARKER} again")
    await world.admin.submit_modal(opened, changed)
    await world.admin.slash(world.channel, "setattribute", name=name, attribute="a", value=MARKER)
    await world.admin.slash(world.channel, "removeperson", name=name)
    await world.admin.slash(world.channel, "history", person=name)
    logged = stream.getvalue()
    assert logged.count("search: answered in") >= 2 and logged.count("search: refused in") >= 2
    assert "similar: refused" in logged and "press: answered" in logged
    assert "form: answered" in logged and "message: answered" in logged
    assert MARKER not in logged.lower()


async def test_nor_does_what_goes_wrong(
    world: World, logging_to: Logging, monkeypatch: pytest.MonkeyPatch
):
    stream = logging_to(SETTINGS)

    async def broken(*arguments: object, **options: object) -> None:
        raise ValueError(f"no {MARKER}") from KeyError(MARKER)

    async def refused(*arguments: object, **options: object) -> None:
        raise translate(exceptions.ResponseError(f"ERR syntax near '{MARKER}'"), is_change=False)

    directory = type(await world.directory())
    for failing in (refused, broken):
        monkeypatch.setattr(directory, "search", failing)
        monkeypatch.setattr(directory, "suggest", failing)
        result = await world.member.slash(world.channel, "search", query=MARKER)
        await world.member.autocomplete(world.channel, "search", "query", MARKER)
    code = text(result).split("`")[1]
    logged = stream.getvalue()
    assert f"Unexpected error {code} [{code}]" in logged
    assert "in broken\n" in logged and "KeyError\n" in logged and "\nValueError" in logged
    assert "Redis: ERR syntax near" in logged and MARKER not in logged
    assert "in autocomplete for 'search' (Guild: 0, User: 0)" in logged
    assert str(world.member.id) not in logged


async def test_nor_do_the_libraries(logging_to: Logging):
    stream = logging_to(SETTINGS)
    button = discord.ui.Button(label=MARKER, custom_id=MARKER)
    logging.getLogger("discord.ui.view").error("Ignoring exception for item %r", button)
    logging.getLogger("discord.gateway").debug("Event: %s", {"content": MARKER})
    logging.getLogger("redis.asyncio").warning("%s", exceptions.ResponseError(MARKER))

    async def fail() -> None:
        raise RuntimeError(MARKER)

    task = asyncio.create_task(fail(), name=f"lead:search:{MARKER}")
    await asyncio.wait({task})
    del task
    logged = stream.getvalue()
    assert "'Button'" in logged and "ResponseError" in logged and "never retrieved" in logged
    assert MARKER not in logged


LEAKS = [
    TOKEN,
    PASSWORD,
    SETTINGS.redis_url,
    f"Bot {TOKEN}",
    f"connecting to {SETTINGS.redis_url} failed",
    "https://discord.com/api/webhooks/123/aW50ZXJhY3Rpb246MTIz_secret-token/messages",
    "PATCH /webhooks/1187654321/secret-token/messages/@original responded with 429",
    "/interactions/1187654321/secret-token/callback",
    "MTk4NjIyNDgzNDcxOTI1MjQ4.Cl2FMQ.ZnCjm1XVW7vRze4b7Cq4se7kKWs",
]


@pytest.mark.parametrize("leak", LEAKS)
@pytest.mark.parametrize("log_format", ["text", "json"])
def test_a_secret_is_withheld(logging_to: Logging, log_format: str, leak: str):
    stream = logging_to(replace(SETTINGS, log_format=log_format))
    log = logging.getLogger("bot.test")
    log.warning("Said: %s", leak)
    log.warning(f"Said: {leak}")
    try:
        raise RuntimeError(leak)
    except RuntimeError:
        log.exception("It went wrong: %s", leak)
    logged = stream.getvalue()
    assert logged.count("[withheld]") == 3 and "in test_a_secret_is_withheld" in logged
    for secret in (TOKEN, PASSWORD, "sesame", "secret-token", "ZnCjm1"):
        assert secret not in logged


def test_a_password_of_sentinels_is_withheld(logging_to: Logging):
    address = "redis+sentinel://a:26379,b:26379/people?sentinel_password=open%20sesame"
    stream = logging_to(replace(SETTINGS, redis_url=address))
    logging.getLogger("bot.test").warning("They take no %s", "open sesame")
    assert "They take no [withheld]" in stream.getvalue()


def test_the_settings_do_not_show_them():
    assert TOKEN not in repr(SETTINGS) and "sesame" not in f"{SETTINGS} {SETTINGS!r}"


def test_what_keeps_it_from_starting_is_json_too(tmp_path: Path):
    environment = {**os.environ, "DISCORD_TOKEN": TOKEN, "LOG_FORMAT": "json"}
    done = subprocess.run(
        [sys.executable, "-m", "bot"],
        env={**environment, "REDIS_URL": f"nothing:{TOKEN}", "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "") and TOKEN not in done.stderr
    told = json.loads(done.stderr)
    assert told["level"] == "CRITICAL" and "REDIS_URL isn't a valid address" in told["message"]


@pytest.mark.parametrize(
    ("raised", "told_of"),
    [
        ("RuntimeError(f'{settings.discord_token} {settings!r}')", "RuntimeError"),
        ("OSError(5, 'No input', settings.discord_token)", "OSError (No input)"),
    ],
)
def test_a_crash_is_a_line_in_the_log_without_them(tmp_path: Path, raised: str, told_of: str):
    program = (
        "from bot.cli import runtime\n"
        "async def verb(settings):\n"
        f"    raise {raised}\n"
        "runtime.serve(verb)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT), "DISCORD_TOKEN": TOKEN, "LOG_FORMAT": "json"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (1, "") and TOKEN not in done.stderr
    told = json.loads(done.stderr)
    assert (told["level"], told["message"]) == ("CRITICAL", "An unexpected error ends the bot")
    assert "in verb\n" in told["exception"] and told["exception"].endswith(f"\n{told_of}")


async def test_json_is_an_object_a_line(world: World, logging_to: Logging):
    stream = logging_to(replace(SETTINGS, log_format="json"))
    await world.member.slash(world.channel, "search", query="singer")
    await world.member.slash(world.channel, "search", query="died<soon")
    logging.getLogger("bot.client").info("Réady in %d\nservers", 3)
    lines: list[dict[str, Any]] = [json.loads(line) for line in stream.getvalue().splitlines()]
    *requests, ready = [line for line in lines if line["logger"].startswith("bot.")]
    assert [line["message"].split(" in ")[0] for line in requests] == [
        "command search: answered",
        "command search: refused",
    ]
    assert len({line["request"] for line in requests}) == 2
    assert ready.pop("time").endswith("+00:00")
    assert ready == {"level": "INFO", "logger": "bot.client", "message": "Réady in 3\nservers"}


def test_what_is_told_of_an_exception():
    refused = exceptions.ConnectionError(MARKER)
    refused.__cause__ = ConnectionRefusedError(111, "Connection refused")
    assert describe(refused) == "ConnectionError (Connection refused)"
    assert describe(DirectoryUnavailable(MARKER)) == "DirectoryUnavailable"
    response: Any = type("Response", (), {"status": 429, "reason": MARKER})()
    limited = discord.HTTPException(response, {"code": 20028, "message": MARKER})
    assert describe(limited) == "HTTPException (429, 20028)"
    refused.__cause__.__cause__ = refused  # goes round
    assert format_trace(refused).count("\n") == 1


@pytest.mark.parametrize(("level", "foreign"), [("DEBUG", "INFO"), ("ERROR", "ERROR")])
def test_libraries_tell_less(logging_to: Logging, level: str, foreign: str):
    logging_to(Settings(log_level=level))
    assert logging.getLogger("bot.client").getEffectiveLevel() == getattr(logging, level)
    assert logging.getLogger("discord.http").getEffectiveLevel() == getattr(logging, foreign)
