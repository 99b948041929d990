"""Looking after a directory as a whole.

findings.py          what is wrong in a directory, and the commands that repair it
people.py            whether everybody's attributes and vectors are as the bot writes them
indexes.py           whether the indexes go with the people
history_check.py     whether the history goes with itself, and with the people
expected_headers.py  what was asked for, beside what the history's entries say of it
check.py             all of these; and repairing what they find
reembed.py           everybody embedded by another model, while the directory is in use
backup/              directories as one file, and back
"""

from bot.maintenance.check import Repaired, check, repair
from bot.maintenance.findings import Findings, Problem
from bot.maintenance.reembed import reembed

__all__ = ["Findings", "Problem", "Repaired", "check", "reembed", "repair"]
