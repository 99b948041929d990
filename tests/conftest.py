"""Fixtures of real parts: the bot's embedded Redis and discord.py. Only tests of meaning use the
real model; the others use a small deterministic embedder, so that they need not load PyTorch."""

import itertools
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from pathlib import Path

import discord
import pytest
import simcord

from bot import language
from bot.client import PeopleBot
from bot.directory import Directories, HistoryLimits, Redis, connect
from bot.directory.history.operations import DEFAULT_LIMITS
from bot.embedded_redis import EmbeddedRedis
from bot.embedding import Embedder
from bot.files import read_starter_set
from bot.interactions import admission
from bot.person import Person, Schema
from tests.discord_server.process import BotProcess
from tests.discord_server.server import FakeDiscord
from tests.embedders import WordEmbedder
from tests.local_redis import LocalCluster, LocalRedisServers, local_redis_servers
from tests.overlapping import BlockingEmbedder
from tests.pseudo_locale import forget_translations, speak_pseudo_locale
from tests.world import World

ROOT = Path(__file__).parent.parent
SHARED = ROOT.parent / "shared" / "data"
"""Data that the project must not publish; only developers have it beside the checkout."""


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--pictures",
        type=Path,
        metavar="FOLDER",
        help="save a picture of each answer that tests/test_browser.py looks at",
    )


@pytest.fixture(scope="session", autouse=True)
def unlimited() -> Iterator[None]:
    """Lift the rate limits, which tests would exceed; tests/test_admission.py sets its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(admission, "MEMBER_BURST", 1_000_000)
        patch.setattr(admission, "SERVER_BURST", 1_000_000)
        yield


def shared(name: str) -> Path:
    """Return a file of SHARED. Skips the test if it does not exist."""
    if not (SHARED / name).exists():
        pytest.skip(f"{name} is not beside this checkout")
    return SHARED / name


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    with EmbeddedRedis(tmp_path_factory.mktemp("redis")) as server:
        yield server


@pytest.fixture
def redis_servers(tmp_path: Path) -> Iterator[LocalRedisServers]:
    """Start further Redis servers, on TCP, with any options."""
    with local_redis_servers(tmp_path) as started:
        yield started


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalCluster]:
    with local_redis_servers(tmp_path_factory.mktemp("cluster")) as started:
        yield LocalCluster(started)


@pytest.fixture(scope="session")
async def redis(server: EmbeddedRedis) -> AsyncIterator[Redis]:
    async with connect(server.url) as redis:
        yield redis


@pytest.fixture(scope="session")
def embedder() -> Iterator[Embedder]:
    with Embedder() as embedder:
        yield embedder


_keys = (f"test{number}:{{guild}}" for number in itertools.count())


@pytest.fixture
def make_directories(redis: Redis) -> Callable[..., Directories]:
    """Make new directories in the shared Redis, empty unless there is a ``starter`` file."""

    def make(
        embedder: Embedder | WordEmbedder | None = None,
        starter: Path | None = None,
        limits: HistoryLimits = DEFAULT_LIMITS,
    ):
        def read() -> tuple[Schema, Sequence[Person]]:
            return read_starter_set(starter)

        return Directories(redis, embedder or WordEmbedder(), next(_keys), read, limits)

    return make


@pytest.fixture
def directories(make_directories) -> Directories:
    return make_directories()


@pytest.fixture
def blocking_embedder() -> BlockingEmbedder:
    return BlockingEmbedder()


@pytest.fixture
async def env(directories: Directories) -> AsyncIterator[simcord.Env]:
    env = simcord.Env(PeopleBot(directories), shard_count=1)
    await env.start()
    yield env
    await env.shutdown()


@pytest.fixture
async def world(directories: Directories, env: simcord.Env) -> World:
    guild = env.create_guild()
    channel = guild.create_text_channel("general")
    editors = guild.create_role("Editors", permissions=discord.Permissions(manage_guild=True))
    admin = guild.add_member(env.create_user("admin"), roles=[editors])
    member = guild.add_member(env.create_user("member"))
    world = World(env, channel, admin, member, directories)
    directory = await world.directory()
    await directory.people.add("Marie Curie", "chemist and physicist", {"born": 1867, "died": 1934})
    await directory.people.add("Björk", "singer", {"born": 1965, "country": "Iceland"})
    await directory.people.add("Paul Erdős", "mathematician", {"born": 1913, "died": 1996})
    return world


@pytest.fixture
def pseudo_locale(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let the bot speak a made-up language: accented, and 40 % longer."""
    monkeypatch.setattr(language, "LOCALE_DIR", language.LOCALE_DIR)
    monkeypatch.setattr(language, "_languages", language._languages)
    speak_pseudo_locale(tmp_path)
    yield
    monkeypatch.undo()
    forget_translations()


@pytest.fixture
async def loopback() -> AsyncIterator[FakeDiscord]:
    """A fake Discord for the process of a bot, which may send only requests that it knows."""
    async with FakeDiscord() as loopback:
        yield loopback
    assert loopback.unknown_requests == []


@pytest.fixture
def start_bot(
    loopback: FakeDiscord, server: EmbeddedRedis, tmp_path: Path
) -> Callable[..., BotProcess]:
    """Return a function that starts the bot as a process, with an empty directory in the shared
    Redis."""
    shared = {"REDIS_URL": server.url, "DIRECTORY_KEY": next(_keys), "DATA_DIR": str(tmp_path)}
    return lambda *arguments, **settings: BotProcess(loopback, *arguments, **{**shared, **settings})
