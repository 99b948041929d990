"""One client for a single Redis, one found by Sentinel, a Redis Cluster or the embedded server.

address.py     what REDIS_URL says
connection.py  connect: open what REDIS_URL points to, and check that it can be used
client.py      Redis: runs commands, and retries those that can't change anything twice
cluster.py     Cluster: the nodes of a Redis Cluster, by the keys they hold
node.py        Node: one server and its pool of connections
liveness.py    Liveness: whether a server answers, and how long to wait for it
commands.py    which commands only read, where their key is; reading members with a prefix
errors.py      what can go wrong, and the messages for people
"""

from bot.directory.redis.client import Redis
from bot.directory.redis.commands import Argument, prefix_bounds, range_by_prefix
from bot.directory.redis.connection import connect
from bot.directory.redis.errors import ScriptNotCached

__all__ = [
    "Argument",
    "Redis",
    "ScriptNotCached",
    "connect",
    "prefix_bounds",
    "range_by_prefix",
]
