"""The bundled redis-server.

server.py  start it, watch it, restart it, stop it
aof.py     its append-only file: remove a half-written end, rewrite it into a base
"""

from bot.embedded_redis.server import EmbeddedRedis

__all__ = ["EmbeddedRedis"]
