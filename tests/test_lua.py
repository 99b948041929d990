"""The functions of directory.lua, and how they reach Redis."""

import re
from pathlib import Path
from typing import Any, get_args

from bot.directory import connect, lua
from bot.directory.keys import Keys
from bot.directory.storage import Storage
from tests.local_redis import LocalRedisServers


def test_python_knows_every_function_of_the_library():
    code = Path(lua.__file__).with_name("directory.lua").read_text("utf-8")
    assert re.findall(r"^function library\.(\w+)", code, re.MULTILINE) == [*get_args(lua.Function)]


async def test_the_library_is_sent_to_a_server_once(redis_servers: LocalRedisServers):
    server = redis_servers.start()
    async with connect(server.url) as redis:
        storage = Storage(redis, Keys.of("people"))
        for _ in range(3):
            assert await storage.call("unmark_left") == 0
        with server.client() as client:
            assert calls(client) == {"eval": 1, "evalsha": 3}
            client.script_flush()
        assert await storage.call("unmark_left") == 0
        with server.client() as client:
            assert calls(client) == {"eval": 2, "evalsha": 4}


def calls(client: Any) -> dict[str, int]:
    """How often the server was sent the whole library, and how often its digest alone."""
    stats = client.info("commandstats")
    return {name: stats[f"cmdstat_{name}"]["calls"] for name in ("eval", "evalsha")}
