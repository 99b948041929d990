"""What is said when a directory is checked, backed up, restored or embedded again."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

# What may be wrong: these, so many, with examples

NOT_TAKEN_OVER = "not taken over by this version of the bot, which does so when it opens it"
TYPE = "keys in which another program put something else"
ATTRIBUTES_GONE = "people without attributes, whom conditions miss"
ATTRIBUTES_BROKEN = "people whose attributes are no JSON object"
FIELDS_MISSING = "people who lack an attribute's key, so that conditions on it miss them"
ATTRIBUTES_OTHERWISE = "people whose attributes are written otherwise than the bot writes them"
DIMENSION = "vectors of another dimension than the model's; `python -m bot reembed` mends it"
VECTOR = "people whose vector is zero or not finite, so that no words find them"
NAME_MISSING = "entries missing in the index of names"
NAME_EXTRA = "entries too many in the index of names"
VALUE_MISSING = "entries missing in the index of values"
VALUE_EXTRA = "entries too many in the index of values"
COUNT = "values counted wrong"
FAME = "people ranked wrong by fame"
OPERATION_MISSING = "changes in the history of which it is not known what was asked"
OPERATION_EMPTY = "changes in the history that changed nothing"
OPERATION_WRONG = "changes in the history that do not go with what they changed"
STEP_UNREADABLE = "entries in the history that the bot did not write"
MARK_MISSING = "entries missing in the history's index"
MARK_EXTRA = "entries too many in the history's index"
HELD = "count of the people in the history is wrong"
UNFINISHED = "changes to be gone on with that are not there"
NUMBERS = "counts that would give a number out again"
AUTHOR = "authors in the history whose other half is gone"
OUTSIDE = "people changed by another program, which the history does not know"
TWINS = "names that several people have, case and accents aside; rename them"
LEFT_BESIDE = (
    "embedding by another model begun and not finished; `python -m bot reembed` goes on with it if "
    "EMBEDDING_MODEL is that model, and clears it away if it is the present one"
)
EMBEDDED_BESIDE = (
    "what embedding by another model left over; the next `reembed`, or `check --repair`, clears it "
    "away"
)
RESTORED_BESIDE = (
    "a restore that runs, or was begun and not finished; the next one, or `check --repair`, clears "
    "away what it loaded, and so ends one that runs"
)

# Backing up and restoring

RESTORED_TWICE = (
    "This restore ends: another one of this directory was begun meanwhile, or what this one had "
    "loaded was cleared away, as check --repair does. If no other one runs, run it again."
)


def take_over_first(directory: str) -> str:
    return (
        f"The directory {directory} was not taken over by this version of the bot yet. "
        "Run python -m bot check --repair, and try again."
    )


def backing_up(directories: int) -> str:
    return f"Backing up {directories} {'directory' if directories == 1 else 'directories'}"


def backed_up(people: int, file: Path) -> str:
    return f"{people:,} people backed up to {file}."


NOTHING_THERE = "There is no directory yet."


def verifying(file: Path) -> str:
    return f"Verifying {file}"


def contents(file: Path, people: Mapping[str, int]) -> str:
    listed = ", ".join(f"{name} ({count:,} people)" for name, count in people.items())
    return f"{file} is whole: {listed}."


def restoring(file: Path) -> str:
    return f"Restoring {file}"


def restored(directory: str, people: int) -> str:
    return f"{directory} is restored: {people:,} people."


def not_in_file(directory: str, file: Path, there: Iterable[str]) -> str:
    return f"{file} has no directory {directory}. It has: {', '.join(there)}."


def several_for_one_key(file: Path, there: Iterable[str]) -> str:
    return (
        f"{file} has several directories ({', '.join(there)}), and with this DIRECTORY_KEY there "
        "is one for all. Set a DIRECTORY_KEY with {guild} in it."
    )


def there_already(directory: str) -> str:
    return (
        f"The directory {directory} is there already, and was left as it is. "
        "--replace puts the one of the backup in its place."
    )


def type_to_replace(directory: str) -> str:
    return f"All of the directory {directory} is replaced. Type its name to go on:"


NOT_REPLACED = "That is not its name. Nothing was changed."


def no_backup(file: Path) -> str:
    return f"{file} is no backup of this bot. Nothing was changed."


def other_version(file: Path, version: object, ours: int) -> str:
    return (
        f"{file} is a backup of version {version}, and this bot reads version {ours}. "
        "Restore it with the bot that wrote it. Nothing was changed."
    )


def broken(file: Path, line: int) -> str:
    return f"{file} is damaged: line {line} is not as the bot writes it. Nothing was changed."


def cut_short(file: Path) -> str:
    return f"{file} is damaged: its end is missing. Nothing was changed."


def checksum_wrong(file: Path) -> str:
    return f"{file} is damaged: its checksum is another. Nothing was changed."


# Embedding again

EMBEDDED_TWICE = (
    "The directory is being embedded again by another model, or was meanwhile; this run ends."
)


def reembedding(directory: str, model: str) -> str:
    return f"Embedding {directory} by {model}"


def reembedded(directory: str, model: str) -> str:
    return (
        f"{directory} is embedded by {model}. "
        f"A bot that runs with another model must be restarted with EMBEDDING_MODEL={model}."
    )


def of_this_model(directory: str, model: str) -> str:
    return f"{directory} is embedded by {model} already."


def checked(directory: str, people: int, clean: bool) -> str:
    who = "1 person" if people == 1 else f"{people:,} people"
    return f"{directory}: {who}{', and all is well.' if clean else '.'}"


def not_checked(directory: str, why: Exception) -> str:
    return f"{directory} cannot be checked. {why}"


def mended(directory: str) -> str:
    return f"{directory} is mended."


def left_over(directory: str) -> str:
    return f"{directory} is mended, but for:"


def trouble(count: int, what: str, examples: Sequence[str]) -> str:
    more = ", …" if count > len(examples) else ""
    return f"{what}: {count:,} ({', '.join(examples)}{more})"
