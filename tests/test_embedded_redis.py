import asyncio
import fcntl
import logging
import os
import signal
import stat
import subprocess
import sys
import time
from pathlib import Path

import pytest
import redis as redis_py

from bot.directory import connect
from bot.embedded_redis import EmbeddedRedis
from bot.embedded_redis import server as redis_server
from bot.errors import SettingError
from tests.local_redis import LocalRedisServers, free_port, wait_until


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


def test_data_survives_a_restart(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        client(server).set("a", "1")
        first = pid(server)
    assert not runs(first)
    with EmbeddedRedis(tmp_path) as server:
        assert client(server).get("a") == "1"
        assert pid(server) != first


def test_it_is_closed_to_other_users(tmp_path: Path):
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
            "import sys, pathlib; from bot.embedded_redis import EmbeddedRedis\n"
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


def test_it_is_restarted_when_it_dies(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        client(server).set("a", "1")
        first = pid(server)
        os.kill(first, signal.SIGKILL)
        wait_until(lambda: not runs(first))
        wait_until(lambda: answers(server), 2)
        assert pid(server) != first


def test_it_is_restarted_when_its_log_is_missing(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        client(server).set("a", "1")
        (tmp_path / "redis.log").unlink()
        os.kill(pid(server), signal.SIGKILL)
        wait_until(lambda: answers(server), 2)


def test_a_rewrite_left_by_a_killed_server_does_not_delay_the_restart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    slowly = (*redis_server.OPTIONS, "--rdb-key-save-delay", "600000")  # microseconds a key
    monkeypatch.setattr(redis_server, "OPTIONS", slowly)
    with EmbeddedRedis(tmp_path) as server, client(server) as asking:
        for key in "abcde":
            asking.set(key, "1")
        asking.bgrewriteaof()
        wait_until(lambda: [*tmp_path.glob("temp-rewriteaof-*")])
        monkeypatch.undo()
        left = {path.name for path in tmp_path.glob("temp-rewriteaof-*")}
        os.kill(pid(server), signal.SIGKILL)
        wait_until(lambda: answers(server), 2)
        assert not left & {path.name for path in tmp_path.glob("temp-*")}


def answers(server: EmbeddedRedis) -> bool:
    try:
        return client(server).get("a") == "1"
    except redis_py.ConnectionError:
        return False


def test_leaving_at_once_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """As a signal does that comes while the server has not written its number down."""

    def leave(server: EmbeddedRedis) -> None:
        monkeypatch.undo()
        raise SystemExit

    monkeypatch.setattr(EmbeddedRedis, "_info", leave)
    with pytest.raises(SystemExit):
        EmbeddedRedis(tmp_path).__enter__()
    assert "ready to exit" in (tmp_path / "redis.log").read_text()
    assert not (tmp_path / "redis.pid").exists()


def test_a_server_whose_user_was_killed_is_taken_over(tmp_path: Path):
    user = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, pathlib; from bot.embedded_redis import EmbeddedRedis\n"
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


def test_a_folder_too_deep_for_a_socket_path_works(tmp_path: Path):
    deep = tmp_path / ("deep " * 12) / ("é" * 40)
    with EmbeddedRedis(deep) as server:
        assert not str(server.socket).startswith(str(tmp_path))
        assert client(server).ping()
        assert (deep / "appendonlydir").is_dir()


@pytest.mark.parametrize(
    "name",
    ["a#b?c%41", 'say "hi"', "back\\slash", os.fsdecode(b"\xff")],
    ids=["address", "quotes", "backslash", "no text"],
)
async def test_a_folder_with_an_odd_name_works(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
):
    caplog.set_level(
        logging.ERROR, "bot.embedded_redis.server"
    )  # a report of tests is of text alone
    with EmbeddedRedis(tmp_path / name) as server:
        async with connect(server.url) as redis:
            assert await redis.execute("PING")


def test_a_link_to_the_folder_is_the_same_server(tmp_path: Path):
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "folder")
    with EmbeddedRedis(tmp_path / "folder") as one, EmbeddedRedis(tmp_path / "link") as other:
        assert pid(one) == pid(other)


def test_a_missing_locale_does_not_stop_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("LANG", "xx_XX.UTF-8")
    monkeypatch.setenv("LC_COLLATE", "xx_XX.UTF-8")
    with EmbeddedRedis(tmp_path) as server:
        assert client(server).ping()


def test_a_server_whose_socket_was_deleted_still_stops(tmp_path: Path):
    with EmbeddedRedis(tmp_path) as server:
        process = pid(server)
        server.socket.unlink()
    assert not runs(process)


@pytest.mark.parametrize("written", ["", None], ids=["empty", "none"])
def test_a_server_without_a_pid_file_still_stops(tmp_path: Path, written: str | None):
    """For the disk was full as it started. Whoever leaves need not have started it."""
    with EmbeddedRedis(tmp_path) as server:
        process = pid(server)
        (tmp_path / "redis.pid").unlink()
        if written is not None:
            (tmp_path / "redis.pid").write_text(written)
        left = EmbeddedRedis(tmp_path).__enter__()
        leaving = time.perf_counter()
    left.__exit__()
    assert time.perf_counter() - leaving < redis_server.STOP_SECONDS / 2
    server._is_running()  # collects the exit status of the process
    assert not runs(process)


def test_files_of_another_user_are_left_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Root could write there what their owner cannot read."""
    monkeypatch.setattr(os, "geteuid", lambda: tmp_path.stat().st_uid + 1)
    with pytest.raises(SettingError, match="belongs to another user"), EmbeddedRedis(tmp_path):
        pass
    assert not [*tmp_path.iterdir()]


def test_a_folder_that_cannot_be_created_is_an_error(tmp_path: Path):
    (tmp_path / "file").write_text("")
    with pytest.raises(SettingError, match="Set DATA_DIR"), EmbeddedRedis(tmp_path / "file"):
        pass


MANIFEST = b"file commands seq 1 type i\n"


@pytest.mark.parametrize(
    "manifest",
    [b"nonsense\n", b"\xff\xfe" * 40, MANIFEST.replace(b"mm", b"m\0m"), MANIFEST],
    ids=["nonsense", "no text", "no name", "no file"],
)
def test_a_failed_start_names_the_log_with_the_reason(tmp_path: Path, manifest: bytes):
    (tmp_path / "appendonlydir" / "commands" / "folder").mkdir(
        parents=True
    )  # not even root reads it
    (tmp_path / "appendonlydir" / "appendonly.aof.manifest").write_bytes(manifest)
    with (
        pytest.raises(SettingError, match=r"the end of .*redis\.log says why"),
        EmbeddedRedis(tmp_path),
    ):
        pass
    lock = (tmp_path / "users.lock").open("w")
    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)  # nobody holds it any more
    lock.close()


def test_a_silent_server_counts_as_not_started(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(redis_server, "START_SECONDS", 0.3)
    monkeypatch.setattr(EmbeddedRedis, "_info", lambda self: {})
    with pytest.raises(SettingError, match="didn't start"), EmbeddedRedis(tmp_path):
        pass


async def refused(url: str) -> str:
    with pytest.raises(SettingError) as caught:
        async with connect(url):
            pass
    return str(caught.value)


async def test_unusable_redis_urls_are_refused():
    for url in ("localhost:6379", "http://x", "redis://x:port", "redis://x?foo=bar"):
        assert "REDIS_URL" in await refused(url)
    assert "hush" not in await refused("redis://127.0.0.1:1?password=hush")
    nobody = await refused("redis://user:secret@127.0.0.1:1")
    assert "127.0.0.1:1 isn't responding" in nobody and "REDIS_URL" in nobody
    assert "secret" not in nobody


async def test_a_wrong_password_is_an_error(redis_servers: LocalRedisServers):
    port = redis_servers.start("--requirepass", "secret").port
    for url in (f"redis://127.0.0.1:{port}", f"redis://:wrong@127.0.0.1:{port}"):
        said = await refused(url)
        assert "doesn't accept the user" in said and "REDIS_URL" in said and "wrong@" not in said
    async with connect(f"redis://:secret@127.0.0.1:{port}") as redis:
        assert await redis.execute("PING")


async def test_a_redis_without_vector_sets_is_refused():
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


async def test_searches_continue_while_it_restarts(tmp_path: Path, make_directories):
    with EmbeddedRedis(tmp_path) as server:
        async with connect(server.url) as redis:
            directories = make_directories()
            directories._redis = redis
            directory = await directories.open("1")
            await directory.people.add("Ada", "mathematician", {})
            first = pid(server)
            os.kill(first, signal.SIGKILL)
            searches = asyncio.gather(*(directory.search("mathematician", 5) for _ in range(20)))
            for results in await searches:
                assert [match.person.name for match in results.matches] == ["Ada"]
            assert pid(server) != first
            await directory.people.add("Bo", "after the fall", {})
