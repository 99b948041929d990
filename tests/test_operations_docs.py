"""docs/operations.md and SECURITY.md say what is so."""

import ast
import re
import shlex
from pathlib import Path

import prometheus_client
import pytest
import yaml

from bot import metrics
from bot.directory import Directories, Redis, connect
from bot.embedded_redis import EmbeddedRedis
from bot.interactions.request import Outcome
from bot.maintenance import check
from bot.person import BASE_SCHEMA
from tests.conftest import ROOT
from tests.embedders import WordEmbedder
from tests.test_cli import environment, run
from tests.test_deploy import COMPOSE, MENDED, REDIS, SERVICE, SETTINGS
from tests.test_layers import FILES
from tests.test_upkeep_docs import VERBS

__all__ = ["environment", "run"]

PAGE = (ROOT / "docs" / "operations.md").read_text()
SECURITY = (ROOT / "SECURITY.md").read_text()
BLOCKS = [
    yaml.safe_load(block)
    for block in re.findall(r"^```yaml\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL)
]
SHELL = "\n".join(re.findall(r"^```sh\n(.*?)^```", PAGE, re.MULTILINE | re.DOTALL))
COMMANDS = re.findall(r"(?:python -m|run --rm .*\b) ?bot (\w+.*)$", SHELL, re.MULTILINE)
GAUGES = {"whoswho_ready", "whoswho_servers", "whoswho_gateway_latency_seconds"}


def test_the_commands_are_found():
    assert {command.split()[0] for command in COMMANDS} == {"backup", "restore", "check"}
    assert len(COMMANDS) >= 9


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_of_the_bot_is_one(command: str):
    verb, *arguments = shlex.split(command)
    VERBS[verb].make_context(verb, arguments)  # raises for what it does not know


def test_the_others_name_what_there_is():
    for service in re.findall(r"docker compose exec (?:-T )?(\w+)|--follow (\w+)$", SHELL):
        assert "".join(service) in COMPOSE["services"]
    for target in re.findall(r"make --directory \S+ (\w+)", SHELL):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)
    for path in re.findall(r"\b(deploy/\S+)", SHELL):
        assert (ROOT / path).is_file()
    assert {f"/opt/{SERVICE['User']}", SERVICE["WorkingDirectory"]} == {"/opt/whos-who"}
    assert f"/var/lib/{SERVICE['StateDirectory']}/people.gz" in SHELL


def test_every_setting_is_one():
    assert set(re.findall(r"\b[A-Z]+_[A-Z_]+\b", PAGE)) <= {*SETTINGS, "BOT_CPUS"}
    assert "${BOT_CPUS:-" in COMPOSE["services"]["bot"]["cpus"]


def test_every_figure_is_one():
    kinds = (prometheus_client.Counter, prometheus_client.Histogram)
    collectors = [value for value in vars(metrics).values() if isinstance(value, kinds)]
    ours = {family.name for collector in collectors for family in collector.describe()}
    told = {name.removesuffix("_total") for name in re.findall(r"\bwhoswho_\w+", PAGE)}
    assert told == ours | GAUGES
    there = prometheus_client.generate_latest().decode()
    assert all(name in there for name in re.findall(r"\bprocess_\w+", PAGE))
    outcomes = re.findall(r"^\| outcome `([\w ]+)` \|", PAGE, re.MULTILINE)
    assert outcomes == [*Outcome]


def test_the_alerts_can_be_read():
    (alerts,) = (block["groups"][0]["rules"] for block in BLOCKS if "groups" in block)
    assert len(alerts) == 2
    (outcomes,) = re.findall(r'outcome=~"([^"]+)"', alerts[1]["expr"])
    assert set(outcomes.split("|")) < {*Outcome}


def test_what_the_log_says_it_says():
    code = "".join(path.read_text() for path in FILES)
    code = re.sub(r"%\w|\{[^{}]*\}", "…", re.sub(r'"\s+f?"', "", code))
    rows = PAGE.partition("| the log says | what to do |")[2]
    says = re.findall(r"^\| `(.+?)` \|", rows, re.MULTILINE)
    assert len(says) >= 15
    for sentence in says:
        assert sentence in code, sentence


def test_the_versions_of_redis_are_the_mended_ones():
    named = re.findall(r"\b(\d+)\.(\d+)\.(\d+)\b", PAGE.partition("Take a Redis of")[2][:80])
    assert {(int(a), int(b)): int(c) for a, b, c in named} == MENDED


def test_what_is_to_be_otherwise_under_compose_is_there():
    overrides = [block["services"] for block in BLOCKS if "services" in block]
    assert len(overrides) == 2
    for services in overrides:
        for name, service in services.items():
            assert {*service} - {"ports"} <= {*COMPOSE["services"][name]}
            assert {*service.get("environment", {})} <= SETTINGS
    (redis,) = (services["redis"] for services in overrides if "redis" in services)
    same = r"--maxmemory \w+"
    assert re.sub(same, "", redis["command"]) == re.sub(same, "", REDIS["command"])


def test_prometheus_asks_the_port_that_is_served():
    (asked,) = (block["scrape_configs"][0] for block in BLOCKS if "scrape_configs" in block)
    port = str(COMPOSE["services"]["bot"]["environment"]["METRICS_PORT"])
    assert asked["static_configs"] == [{"targets": [f"127.0.0.1:{port}"]}]
    assert f'ports: ["127.0.0.1:{port}:{port}"]' in PAGE and f"METRICS_PORT={port}" in PAGE
    assert f'up{{job="{asked["job_name"]}"}}' in PAGE


@pytest.mark.parametrize("named", re.findall(r"`(tests/[^`]+)`", SECURITY))
def test_every_promise_is_held_by_a_test(named: str):
    path, _, name = named.partition("::")
    there = ast.walk(ast.parse((ROOT / path).read_text()))
    functions = {
        node.name for node in there if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
    }
    assert not name or name in functions


def test_no_promise_is_without():
    promises = SECURITY.partition("|---|---|\n")[2].partition("\n\n")[0].splitlines()
    assert len(promises) >= 15 and all("`tests/" in line for line in promises)


@pytest.mark.parametrize("page", ["docs/operations.md", "SECURITY.md", "README.md"])
def test_links_lead_somewhere(page: str):
    text = (ROOT / page).read_text()
    for target in re.findall(r"\]\(((?!https?:|#)[^)#]+)", text):
        assert (ROOT / page).parent.joinpath(target).exists(), target


async def test_everything_moves_to_another_redis(run, environment: dict[str, str], tmp_path: Path):
    """As the page says: backup from the embedded server, restore and check at REDIS_URL."""

    def directories(redis: Redis) -> Directories:
        return Directories(redis, WordEmbedder(), "people:{guild}", lambda: (BASE_SCHEMA, ()))

    file = str(tmp_path / "move.gz")
    with EmbeddedRedis(Path(environment["DATA_DIR"]) / "redis") as embedded:
        async with connect(embedded.url) as redis:
            for name in ("default", "123456789012345678"):
                directory = await directories(redis).open(name)
                await directory.people.add(
                    "Ada", "mathematician", {"born": 1815, "field": ["a", "b"]}
                )
                await directory.people.add("Björk", f"singer in {name}", {})
                await directory.people.remove("Ada")
                await directory.undo.run((await directory.history.page(0, 1))[0].number)
            done = run("backup", file)
            assert done.returncode == 0, done.stderr
            with EmbeddedRedis(tmp_path / "other") as other:
                done = run("restore", file, REDIS_URL=other.url)
                assert done.returncode == 0, done.stderr
                done = run("check", REDIS_URL=other.url)
                assert done.returncode == 0 and done.stdout.count("no problems") == 2, done.stdout
                async with connect(other.url) as moved:
                    for name in ("default", "123456789012345678"):
                        before = await directories(redis).get(name)
                        after = await directories(moved).get(name)
                        everybody = [person async for person in before.people.iterate()]
                        assert [person async for person in after.people.iterate()] == everybody
                        history = await before.history.page(0, 9)
                        assert await after.history.page(0, 9) == history and len(history) == 4
                        assert (await check(after)).is_clean
