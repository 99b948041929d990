"""Dockerfile, compose.yaml and the systemd unit say what is so. There is no Docker where the tests
run: what they claim is held against the files, the settings, and a real Redis."""

import asyncio
import configparser
import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import redis
import yaml
from redis.backoff import ConstantBackoff
from redis.retry import Retry

from bot.cli.serve import DRAIN_SECONDS
from bot.embedded_redis.server import STOP_SECONDS, binary
from bot.health import PING_SECONDS, serve_health
from bot.settings import Settings
from tests.conftest import ROOT
from tests.local_redis import free_port
from tests.world import World

DOCKERFILE = (ROOT / "Dockerfile").read_text().replace("\\\n", " ")
COMPOSE = yaml.safe_load((ROOT / "compose.yaml").read_text())
BOT, REDIS = COMPOSE["services"]["bot"], COMPOSE["services"]["redis"]
UNIT = configparser.ConfigParser(strict=False, interpolation=None)
UNIT.optionxform = str  # pyright: ignore[reportAttributeAccessIssue]
UNIT.read(ROOT / "deploy" / "whos-who.service")
SERVICE = UNIT["Service"]
SETTINGS = {name.upper() for name in Settings.__dataclass_fields__}

MENDED = {(8, 2): 9, (8, 4): 6, (8, 6): 6, (8, 8): 2, (8, 10): 1}
"""The first version of each line of Redis without the crash when VREM meets VSIM."""


def instructions(name: str) -> list[str]:
    return re.findall(rf"^{name} +(.*)$", DOCKERFILE, re.MULTILINE)


def seconds(text: str) -> int:
    return int(text.removesuffix("s"))


def unless_in_env(value: str) -> str:
    """What compose takes for ``${NAME:-value}`` where .env has no NAME, or an empty one."""
    return re.sub(r"\$\{[A-Z_]+:-([^}]*)\}", r"\1", value)


def environment() -> dict[str, str]:
    return dict(pair.split("=", 1) for line in instructions("ENV") for pair in line.split())


# The image


def test_it_is_built_on_a_version_that_is_pinned_and_tested():
    bases = {line.split()[0] for line in instructions("FROM")}
    (version,) = {re.fullmatch(r"python:(\d+\.\d+)\.\d+-slim-\w+", base)[1] for base in bases}  # pyright: ignore[reportOptionalSubscript]
    assert version == f"{sys.version_info.major}.{sys.version_info.minor}" and len(bases) == 1


def test_it_has_all_that_the_bot_needs_and_nothing_else():
    copied = [line.split()[0] for line in instructions("COPY") if not line.startswith("--from")]
    assert copied == ["requirements.txt", "bot", "cogs", Settings().starter_set]
    assert all((ROOT / path).exists() for path in copied)
    ignored = (ROOT / ".dockerignore").read_text().split()
    assert ignored[0] == "*" and [f"!{path}" for path in copied] == ignored[1:5]
    assert "TOKEN" not in DOCKERFILE


def test_it_takes_pytorch_from_where_the_makefile_does():
    index = re.search(r"^TORCH_INDEX \?= (\S+)$", (ROOT / "Makefile").read_text(), re.MULTILINE)
    assert index and f"TORCH_INDEX={index[1]}" in instructions("ARG")
    assert re.search(r"^torch==", (ROOT / "requirements.txt").read_text(), re.MULTILINE)


def test_it_runs_as_nobody_in_particular_and_writes_to_data_alone():
    assert instructions("USER") == ["bot"] and "--uid 10001" in DOCKERFILE
    assert instructions("VOLUME") == ["/data"] and "-o bot -g bot -m 700 /data" in DOCKERFILE
    set_there = environment()
    assert set_there["DATA_DIR"] == "/data" and set_there["HF_HOME"].startswith("/data/")
    assert set_there["HOME"] == "/tmp" and set_there["PYTHONDONTWRITEBYTECODE"] == "1"
    assert {*set_there} & SETTINGS == {"DATA_DIR", "METRICS_PORT"}
    assert instructions("STOPSIGNAL") == ["SIGTERM"]
    assert instructions("ENTRYPOINT") == ['["python", "-m", "bot"]']


@pytest.mark.parametrize("ready", [True, False])
async def test_its_health_check_is_that_of_the_bot(
    world: World, ready: bool, monkeypatch: pytest.MonkeyPatch
):
    (check,) = instructions("HEALTHCHECK")
    options, command = check.split("CMD ")
    assert PING_SECONDS < 8 < seconds(re.findall(r"--timeout=(\S+)", options)[0])
    _, *arguments = json.loads(command)
    if not ready:
        monkeypatch.setattr(type(world.env.bot), "is_ready", lambda _: False)
    port = free_port()
    async with serve_health(world.env.bot, "127.0.0.1", port):
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *arguments,
            env={**os.environ, "METRICS_PORT": str(port)},
            stderr=subprocess.DEVNULL,
        )
        assert (await process.wait() == 0) is ready


# Compose


@pytest.mark.parametrize("service", [BOT, REDIS], ids=["bot", "redis"])
def test_a_service_is_confined(service: dict[str, Any]):
    assert service["read_only"] and service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "ports" not in service and "privileged" not in service
    assert service["mem_limit"] and service["cpus"] and service["pids_limit"]
    assert [volume.split(":")[1] for volume in service["volumes"]] == ["/data"]
    assert {volume.split(":")[0] for volume in service["volumes"]} <= {*COMPOSE["volumes"]}
    assert service["restart"] == "unless-stopped"


def test_the_bot_is_given_time_to_end():
    assert seconds(BOT["stop_grace_period"]) > 2 * DRAIN_SECONDS


def test_its_settings_are_settings():
    given = {name: unless_in_env(value) for name, value in BOT["environment"].items()}
    assert {*given} <= SETTINGS and "DISCORD_TOKEN" not in given
    read = Settings.parse(given)
    assert (read.redis_url, read.log_format) == ("redis://redis:6379", "json")
    assert str(read.metrics_port) == environment()["METRICS_PORT"], "the health check's"
    assert read.metrics_host == Settings().metrics_host, "nobody else reaches it"


def test_redis_is_a_mended_one_that_the_bot_alone_reaches():
    version = re.fullmatch(r"redis:(\d+)\.(\d+)\.(\d+)-\w+", REDIS["image"])
    assert version
    major, minor, patch = map(int, version.groups())
    assert patch >= MENDED[major, minor]
    assert REDIS["user"] == "redis" and REDIS["networks"] == ["database"]
    assert COMPOSE["networks"]["database"]["internal"]
    assert BOT["depends_on"] == {"redis": {"condition": "service_healthy"}}


def test_redis_takes_its_options(tmp_path: Path):
    server, *options = shlex.split(REDIS["command"])
    assert server == "redis-server"
    folder = ["--dir", str(tmp_path), "--port", "0", "--unixsocket", "s"]
    process = subprocess.Popen([binary(), *options, *folder], cwd=tmp_path)
    client = redis.Redis(
        unix_socket_path=str(tmp_path / "s"), retry=Retry(ConstantBackoff(0.05), 200)
    )
    wanted = {"appendonly": "yes", "appendfsync": "always", "maxmemory": str(800 * 2**20)}
    wanted |= {"maxmemory-policy": "noeviction", "save": "", "aof-use-rdb-preamble": "yes"}
    found = {name: client.config_get(name)[name] for name in wanted}  # pyright: ignore[reportIndexIssue]
    client.close()
    process.terminate()
    assert process.wait(10) == 0 and found == wanted
    assert int(REDIS["mem_limit"].removesuffix("m")) > 800


# systemd


def test_the_unit_runs_the_bot_with_its_own_folder():
    assert SERVICE["ExecStart"].endswith(".venv/bin/python -m bot")
    folder = SERVICE["WorkingDirectory"]
    assert SERVICE["ExecStart"].startswith(folder)
    assert f"DATA_DIR=/var/lib/{SERVICE['StateDirectory']}" in SERVICE["Environment"].split()
    assert SERVICE["User"] not in ("", "root")


def test_it_ends_the_bot_first_and_gives_it_time():
    assert SERVICE["KillMode"] == "mixed", "or the embedded Redis would end under the bot"
    assert int(SERVICE["TimeoutStopSec"]) > 2 * DRAIN_SECONDS + STOP_SECONDS


def test_it_is_confined():
    for option in (
        *("NoNewPrivileges", "ProtectHome", "PrivateTmp", "PrivateDevices", "RestrictSUIDSGID"),
        *("ProtectKernelModules", "ProtectKernelTunables", "ProtectControlGroups"),
    ):
        assert SERVICE[option] == "yes"
    assert SERVICE["ProtectSystem"] == "strict" and SERVICE["CapabilityBoundingSet"] == ""
    assert (SERVICE["UMask"], SERVICE["StateDirectoryMode"]) == ("0077", "0700")
    assert "MemoryDenyWriteExecute" not in SERVICE


def test_the_versions_fit_together():
    """What can be had of an audit without the network; the image's build does so, too."""
    audit = (ROOT / "Makefile").read_text().partition("\naudit:")[2].partition("\n\n")[0]
    assert "pip" in audit and audit.endswith(" check") and "pip check" in DOCKERFILE
    assert re.search(r"^make .*\baudit\b", (ROOT / ".ci" / "run").read_text(), re.MULTILINE)
