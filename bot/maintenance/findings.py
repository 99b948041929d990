"""What is wrong in a directory, and the commands that mend it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from bot import sentences
from bot.directory.redis import Argument

EXAMPLES = 5
EXAMPLE_MAX = 60  # characters

Command = Sequence[Argument]


class Problem(StrEnum):
    """What may be wrong, in words."""

    NOT_TAKEN_OVER = sentences.upkeep.NOT_TAKEN_OVER
    TYPE = sentences.upkeep.TYPE
    ATTRIBUTES_GONE = sentences.upkeep.ATTRIBUTES_GONE
    ATTRIBUTES_BROKEN = sentences.upkeep.ATTRIBUTES_BROKEN
    FIELDS_MISSING = sentences.upkeep.FIELDS_MISSING
    ATTRIBUTES_OTHERWISE = sentences.upkeep.ATTRIBUTES_OTHERWISE
    DIMENSION = sentences.upkeep.DIMENSION
    VECTOR = sentences.upkeep.VECTOR
    NAME_MISSING = sentences.upkeep.NAME_MISSING
    NAME_EXTRA = sentences.upkeep.NAME_EXTRA
    VALUE_MISSING = sentences.upkeep.VALUE_MISSING
    VALUE_EXTRA = sentences.upkeep.VALUE_EXTRA
    COUNT = sentences.upkeep.COUNT
    FAME = sentences.upkeep.FAME
    OPERATION_MISSING = sentences.upkeep.OPERATION_MISSING
    OPERATION_EMPTY = sentences.upkeep.OPERATION_EMPTY
    OPERATION_WRONG = sentences.upkeep.OPERATION_WRONG
    STEP_UNREADABLE = sentences.upkeep.STEP_UNREADABLE
    MARK_MISSING = sentences.upkeep.MARK_MISSING
    MARK_EXTRA = sentences.upkeep.MARK_EXTRA
    HELD = sentences.upkeep.HELD
    UNFINISHED = sentences.upkeep.UNFINISHED
    NUMBERS = sentences.upkeep.NUMBERS
    AUTHOR = sentences.upkeep.AUTHOR
    OUTSIDE = sentences.upkeep.OUTSIDE
    TWINS = sentences.upkeep.TWINS
    LEFT_BESIDE = sentences.upkeep.LEFT_BESIDE
    EMBEDDED_BESIDE = sentences.upkeep.EMBEDDED_BESIDE
    RESTORED_BESIDE = sentences.upkeep.RESTORED_BESIDE


NOTES = frozenset(
    [
        Problem.OUTSIDE,
        Problem.TWINS,
        Problem.LEFT_BESIDE,
        Problem.EMBEDDED_BESIDE,
        Problem.RESTORED_BESIDE,
    ]
)
"""What is worth knowing, and does no harm."""


@dataclass
class Trouble:
    """How many times something is wrong, and up to EXAMPLES of where."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


@dataclass
class Findings:
    """What is wrong among so many ``people``, as Finder.version was when it was looked at; and what
    mends it: commands; people to be embedded again; and people whom another program changed, each a
    name, and the attributes before and after, to be put into the history."""

    people: int
    version: tuple[str, int]
    troubles: dict[Problem, Trouble] = field(default_factory=dict)
    mends: list[Command] = field(default_factory=list)
    vectors: list[str] = field(default_factory=list)
    outside: list[tuple[str, str, str]] = field(default_factory=list)

    @property
    def clean(self) -> bool:
        """Whether there is nothing to be said at all."""
        return not self.troubles

    @property
    def damaged(self) -> bool:
        """Whether something is wrong that does harm."""
        return any(problem not in NOTES for problem in self.troubles)

    def add(self, problem: Problem, example: str, *mends: Command) -> None:
        """Note that something is wrong, and what mends it."""
        trouble = self.troubles.setdefault(problem, Trouble())
        trouble.count += 1
        if len(trouble.examples) < EXAMPLES:
            trouble.examples.append(example.replace("\0", " · ")[:EXAMPLE_MAX])
        self.mends += mends
