"""The sentences that people read, apart from the logic that decides which of them is said.

service.py   the settings, Redis, the model, the directories
terminal.py  what the command line prints
upkeep.py    checking, backing up, restoring, embedding again

A sentence is a constant, or a function of what changes in it. Lists and numbers are put into words
there, so that whoever translates has each sentence whole and in one place. Another language is
these files once more, under the same names; which of them the bot speaks is decided here, where
they are imported. What people type is the same in every language: ``is:alive``, ``none``,
``44 BC``, the names of fields and settings. What operators read stays English, and where it is:
the log, the help of the command line and of what is counted. The names and descriptions of
Discord's commands stand with the commands: Discord translates those by a table of its own
(discord.py's Translator).

So far there is English.
"""

from bot.sentences import (
    service,
    terminal,
    upkeep,
)

__all__ = [
    "service",
    "terminal",
    "upkeep",
]
