"""One client for a Redis, those that Sentinel watches, a Redis Cluster or the embedded server.

address.py   what REDIS_URL says
opening.py   connect: which of these it is, and whether it is of use
client.py    Redis: carries out commands; asks again where nothing can be changed twice by it
cluster.py   Cluster: the nodes of a Redis Cluster, by the keys they hold
node.py      Node: one server and its connections; what was sent, and what was answered
commands.py  which commands change nothing, and where their key stands
failures.py  what went wrong, as ours
"""

from bot.directory.redis.client import Redis
from bot.directory.redis.commands import Argument
from bot.directory.redis.connection import connect
from bot.directory.redis.errors import ScriptNotCached

__all__ = ["Argument", "Redis", "ScriptNotCached", "connect"]
