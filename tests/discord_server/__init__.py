"""A fake Discord on loopback, to which the process of a bot connects: as much of the gateway and
the REST API as the bot uses, and the faults of both.

server.py        FakeDiscord, which a test controls
gateway.py       the gateway websocket: sessions, events and resuming
rest.py          the endpoints of the REST API
faults.py        responses, and faults that replace them
interactions.py  what a member sends, and the bot's responses to it
payloads.py      users, servers and messages as JSON that Discord sends
bot.py           the bot's command line, connected to this Discord
process.py       runs the bot as a process
"""
