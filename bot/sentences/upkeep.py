"""What is said when a directory is checked, backed up, restored or embedded again."""

from collections.abc import Sequence

# What may be wrong: so many of these, with examples

NOT_TAKEN_OVER = "not taken over by this version of the bot, which does so when it opens it"
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
LEFT_BESIDE = "embedding anew begun and not finished; `python -m bot reembed` goes on with it"

NEVER_STILL = "The directory is being changed all the time. Try again when it is quieter."


def checked(directory: str, people: int, clean: bool) -> str:
    return f"{directory}: {people:,} people{', and all is well.' if clean else '.'}"


def mended(directory: str) -> str:
    return f"{directory} is mended."


def not_mended(directory: str) -> str:
    return f"{directory} could not be mended all through. There still are:"


def trouble(count: int, what: str, examples: Sequence[str]) -> str:
    more = ", …" if count > len(examples) else ""
    return f"{count:,} {what}: {', '.join(examples)}{more}"
