"""What REDIS_URL says."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote

from redis.asyncio.connection import SSLConnection, parse_url

from bot.errors import SettingError
from bot.language import _

SENTINEL_SUFFIX = "+sentinel"  # of a scheme
SENTINEL_PREFIX = "sentinel_"  # of an option
PORT, SENTINEL_PORT = 6379, 26379

Host = tuple[str, int]


@dataclass(frozen=True)
class Address:
    """``hosts`` are one Redis, several nodes of a cluster, or the Sentinels that watch ``service``.
    If they are empty, ``path`` is a unix socket. ``options`` are redis-py's for a connection, and
    ``sentinel_options`` those for a connection to a Sentinel."""

    hosts: Sequence[Host]
    path: str
    service: str
    options: Mapping[str, Any]
    sentinel_options: Mapping[str, Any]

    @property
    def is_tls(self) -> bool:
        return self.options.get("connection_class") is SSLConnection

    def __str__(self) -> str:
        """Return the hosts or the path, without passwords."""
        return self.path or ",".join(f"{host}:{port}" for host, port in self.hosts)


def parse_address(url: str) -> Address:
    """Parse a URL as redis-py does, but with any number of hosts, and with

        redis+sentinel://user:password@host:26379,host:26379/service/0?sentinel_password=…

    Raises SettingError."""
    try:
        return _parse(url)
    except (ValueError, TypeError, AttributeError) as error:
        message = _(
            "REDIS_URL isn't a valid address. Use redis://host:6379, "
            "rediss://user:password@host:6379 or unix:///path/to/redis.sock; for a cluster, "
            "redis://host:6379,host:6379; with Sentinel, "
            "redis+sentinel://host:26379,host:26379/name."
        )
        raise SettingError(message) from error


def _parse(url: str) -> Address:
    scheme, _separator, rest = url.partition("://")
    is_sentinel = scheme.endswith(SENTINEL_SUFFIX)
    scheme = scheme.removesuffix(SENTINEL_SUFFIX)
    if scheme == "unix":
        options = dict[str, Any](parse_url(url))
        return Address((), options["path"], "", options, {})
    parts = re.fullmatch(r"([^/?#]*)([^?]*)(\??)(.*)", rest, re.DOTALL)
    assert parts  # it matches any text
    authority, path, mark, query = parts.groups()
    user, at, hosts = authority.rpartition("@")
    service, database = "", path
    if is_sentinel:
        service, _separator, database = path.strip("/").partition("/")
        if not service:
            raise ValueError(url)
    parsed = [
        parse_url(f"{scheme}://{user}{at}{host}/{database.strip('/')}{mark}{query}")
        for host in hosts.split(",")
    ]
    default_port = SENTINEL_PORT if is_sentinel else PORT
    options: dict[str, Any] = {
        name: value for name, value in parsed[0].items() if name not in ("host", "port")
    }
    sentinel_options = {
        name.removeprefix(SENTINEL_PREFIX): options.pop(name)
        for name in [*options]
        if name.startswith(SENTINEL_PREFIX)
    }
    addresses = [(each.get("host", "localhost"), each.get("port", default_port)) for each in parsed]
    return Address(addresses, "", unquote(service), options, sentinel_options)
