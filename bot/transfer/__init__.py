"""People from files into a directory, and back.

starting.py    the people a new directory begins with
said.py        what a file says of a person, and what becomes of whom it is about
planning.py    what an import would do, which is shown before it is done
carrying.py    doing it, in whole people, so that it can be stopped and gone on with
summary.py     what is said of a plan and of what was done
exporting.py   people as a file
"""

from bot.transfer.carrying import Report, asked_for, carry_out
from bot.transfer.exporting import export, exported
from bot.transfer.planning import Plan, plan
from bot.transfer.said import Mode, Said
from bot.transfer.starting import read_starter
from bot.transfer.summary import (
    Section,
    planned,
    refusals,
    refused_csv,
    sections,
    told,
    write_refused,
)

__all__ = [
    "Mode",
    "Plan",
    "Report",
    "Said",
    "Section",
    "asked_for",
    "carry_out",
    "export",
    "exported",
    "plan",
    "planned",
    "read_starter",
    "refusals",
    "refused_csv",
    "sections",
    "told",
    "write_refused",
]
