"""What REDIS_URL says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from redis.asyncio.connection import SSLConnection, parse_url

from bot import sentences
from bot.errors import SettingError

SENTINEL = "+sentinel"
PORT, SENTINEL_PORT = 6379, 26379

Host = tuple[str, int]


@dataclass(frozen=True)
class Address:
    """``hosts`` are a Redis, several nodes of a cluster, or Sentinels that watch ``service``;
    ``path`` is a unix socket instead. ``options`` are redis-py's for each connection, and
    ``sentinel_options`` for those to Sentinels."""

    hosts: Sequence[Host]
    path: str
    service: str
    options: Mapping[str, Any]
    sentinel_options: Mapping[str, Any]

    @property
    def secure(self) -> bool:
        return self.options.get("connection_class") is SSLConnection

    def __str__(self) -> str:
        """Where it points to, without the secrets in it."""
        return self.path or ",".join(f"{host}:{port}" for host, port in self.hosts)


def parse(url: str) -> Address:
    """Read ``url``: as redis-py does, with any number of hosts, and

        redis+sentinel://user:password@host:26379,host:26379/service/0?sentinel_password=…

    Raises SettingError."""
    try:
        return _parse(url)
    except (ValueError, TypeError, AttributeError) as error:
        raise SettingError(sentences.service.NO_REDIS_URL) from error


def _parse(url: str) -> Address:
    scheme, _, rest = url.partition("://")
    scheme, watched = scheme.removesuffix(SENTINEL), scheme.endswith(SENTINEL)
    if scheme == "unix":
        options = {**parse_url(url)}
        return Address((), options["path"], "", options, {})
    end = next((place for place, letter in enumerate(rest) if letter in "/?#"), len(rest))
    user, at, hosts = rest[:end].rpartition("@")
    path, mark, query = rest[end:].partition("?")
    service, database = "", path
    if watched:
        service, _, database = path.strip("/").partition("/")
    default = SENTINEL_PORT if watched else PORT
    parsed = [
        parse_url(f"{scheme}://{user}{at}{host}/{database.strip('/')}{mark}{query}")
        for host in hosts.split(",")
    ]
    if watched and not service:
        raise ValueError(url)
    options: dict[str, Any] = {**parsed[0]}
    for placed in ("host", "port"):
        options.pop(placed, None)
    own = {name: value for name, value in options.items() if name.startswith("sentinel_")}
    return Address(
        [(each.get("host", "localhost"), each.get("port", default)) for each in parsed],
        "",
        unquote(service),
        {name: value for name, value in options.items() if name not in own},
        {name.removeprefix("sentinel_"): value for name, value in own.items()},
    )
