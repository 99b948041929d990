"""The bundled redis-server.

server.py  start, watch and stop it
aof.py     its append-only file, repaired before a start
"""
