"""What an import would do, does and did; and what an export says."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from bot.sentences.files import FORMATS

MODES = {
    "add": "Add only: nobody who is here is changed",
    "update": "Add and update: what the file says counts",
    "replace": "Replace all: the file's people, and nobody else",
}
"""What the modes do, by what they are called."""

# Before it


def _people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def _counts(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {what}" for what, count in counts.items() if count)


def planned(
    *, new: int, changed: int, same: int, different: int, removed: int, refused: int
) -> str:
    counts = _counts(
        {
            "new": new,
            "changed": changed,
            "the same": same,
            "different and left as they are": different,
            "removed": removed,
            "refused": refused,
        }
    )
    return f"{counts or 'Nobody'}."


def new_attributes(kinds: Mapping[str, str]) -> str:
    return f"New attributes: {', '.join(f'{name} ({kind})' for name, kind in kinds.items())}."


NEW = "New:"
CHANGED = "Changed:"
DIFFERENT = "Here already, with something else said of them, and left as they are:"
REMOVED = "Removed:"
STAYING = "Not removed, for what the file says of them is refused:"
TOLD_APART = "Shared names, told apart:"
REFUSED = "Refused:"
REFUSED_COLUMNS = ("where", "why")


def more_refused(count: int) -> str:
    return f"and {count:,} more, whom import on the command line writes down with --refused"


def becomes(name: str, differences: Sequence[str]) -> str:
    return f"{name}: {'; '.join(differences)}"


def called(name: str, names: Sequence[str]) -> str:
    return f"{name} → {', '.join(names)}"


def repeated(count: int) -> str:
    return f"{_people(count)} stood in the file once more."


NOBODY_TO_REPLACE_BY = (
    "Nobody in this file can be stored, so that replacing all would leave nobody. "
    "Nothing was changed."
)


def somebody_else(name: str) -> str:
    return f"{name} is here already, and is somebody else, born in another year. Give another name."


CHANGED_WHILE_ASKED = (
    "People were changed meanwhile, so that nothing was imported. This is what the import would do "
    "now; please look again."
)


# After it

NOTHING_CHANGED = "Nothing was changed."


def done(added: int, changed: int, removed: int) -> str:
    return f"{_counts({'added': added, 'changed': changed, 'removed': removed}) or 'Nobody'}."


def how_far(done: int, total: int) -> str:
    return f"{done:,} of {total:,}"


def stopped(done: int, total: int) -> str:
    return (
        f"Stopped after {how_far(done, total)}, each of them whole. "
        "The same import goes on from there."
    )


def interrupted(why: str, done: int, total: int) -> str:
    """``why`` is a sentence."""
    return f"{why} {stopped(done, total)}"


# In the terminal

THE_TERMINAL = "the terminal"
DRY_RUN = "A dry run: nothing was changed."
NOTHING_TO_CHANGE = "There is nothing to change."


def refused_into_itself(file: Path) -> str:
    return f"Nothing was done: {file} is the file to import. Name another for --refused."


def replace_question(name: str, removed: int) -> str:
    return (
        f"Afterwards the directory {name} has the people of the file and nobody else: "
        f"{_people(removed)} will be removed. Type {name} to go on."
    )


def not_confirmed(name: str) -> str:
    return f"Nothing was changed: {name} was not typed. To replace without a question, add --yes."


def number(number: int) -> str:
    return f"Change #{number} in the history: /undo takes all of it back."


# In Discord

IMPORT = "Import"
REPLACE_ALL = "Replace all …"
DISCARD = "Cancel"
STOP = "Stop"
STOPPING = "Stopping …"
CONFIRM = "Replace all"
CONFIRM_WORD = "replace"
CONFIRM_LABEL = "Type replace to go on"
IMPORT_UNANSWERED = "Nothing was changed: nobody answered."


def about_replacing(removed: int) -> str:
    return f"{_people(removed)} will be removed. Afterwards there are the people of the file alone."


def not_typed(typed: str) -> str:
    return f"Nothing was changed: {typed or 'nothing'} was typed, not {CONFIRM_WORD}."


def file_and_mode(file: str, mode: str) -> str:
    return f"{file} · {MODES[mode].partition(':')[0]}"


def attachment_lost(file: str) -> str:
    return f"{file} could not be had from Discord. Nothing was changed; attach it again."


def exported(count: int, format: str) -> str:
    return f"{_people(count)}, as {FORMATS[format]}"


def too_large_to_send(size: int, most: int, command: str) -> str:
    return (
        f"That file would have {_megabytes(size)}, and Discord takes {_megabytes(most)} here. "
        f"Whoever runs the bot can write it there: {command}"
    )


def _megabytes(size: int) -> str:
    return f"{size / 2**20:,.1f} MB"
