"""Looking after a whole directory.

findings.py       the kinds of problems, and what a check returns
people.py         checks attributes and vectors
indexes.py        checks the indexes of names, values and fame against the people
history_check.py  checks the history against itself and the people
check.py          runs all the checks
repair.py         repairs what they find
reembed.py        embeds everyone with a different model, while the directory is in use
backup/           saves directories to a file, and restores them
"""

from bot.maintenance.check import check
from bot.maintenance.findings import Findings, Problem, describe_problem
from bot.maintenance.reembed import reembed
from bot.maintenance.repair import RepairReport, repair

__all__ = ["Findings", "Problem", "RepairReport", "check", "describe_problem", "reembed", "repair"]
