"""A Discord of the tests' own on loopback, with sockets that real processes connect to: as much of
its gateway and of its REST as the bot uses, and the faults that both have.

server.py        Discord: what a test drives
gateway.py       the websocket: sessions, events, resuming
rest.py          the addresses that discord.py asks
faults.py        what comes in place of an answer
interactions.py  what somebody asks, and all that comes of it
payloads.py      users, servers and messages as Discord writes them
bot.py           the bot's command line, pointed at this Discord
process.py       the bot as a process
"""
