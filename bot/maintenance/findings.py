"""The problems found in a directory, and the commands that repair them."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from bot import sentences
from bot.directory.redis.commands import Command

EXAMPLES_MAX = 5
EXAMPLE_LENGTH_MAX = 60  # characters


class Problem(StrEnum):
    """A kind of problem; its value is the description that is printed."""

    NOT_ADOPTED = sentences.upkeep.NOT_TAKEN_OVER
    WRONG_TYPE = sentences.upkeep.TYPE
    ATTRIBUTES_MISSING = sentences.upkeep.ATTRIBUTES_GONE
    ATTRIBUTES_INVALID = sentences.upkeep.ATTRIBUTES_BROKEN
    FIELDS_MISSING = sentences.upkeep.FIELDS_MISSING
    ATTRIBUTES_NOT_CANONICAL = sentences.upkeep.ATTRIBUTES_OTHERWISE
    WRONG_DIMENSION = sentences.upkeep.DIMENSION
    INVALID_VECTOR = sentences.upkeep.VECTOR
    NAME_MISSING = sentences.upkeep.NAME_MISSING
    NAME_EXTRA = sentences.upkeep.NAME_EXTRA
    VALUE_MISSING = sentences.upkeep.VALUE_MISSING
    VALUE_EXTRA = sentences.upkeep.VALUE_EXTRA
    WRONG_COUNT = sentences.upkeep.COUNT
    WRONG_FAME = sentences.upkeep.FAME
    HEADER_MISSING = sentences.upkeep.OPERATION_MISSING
    OPERATION_EMPTY = sentences.upkeep.OPERATION_EMPTY
    WRONG_HEADER = sentences.upkeep.OPERATION_WRONG
    UNREADABLE_ENTRY = sentences.upkeep.STEP_UNREADABLE
    MARK_MISSING = sentences.upkeep.MARK_MISSING
    MARK_EXTRA = sentences.upkeep.MARK_EXTRA
    WRONG_HISTORY_SIZE = sentences.upkeep.HELD
    NOTHING_TO_RESUME = sentences.upkeep.UNFINISHED
    WRONG_COUNTER = sentences.upkeep.NUMBERS
    INCOMPLETE_AUTHOR = sentences.upkeep.AUTHOR
    EXTERNAL_CHANGE = sentences.upkeep.OUTSIDE
    DUPLICATE_NAME = sentences.upkeep.TWINS
    REEMBEDDING_UNFINISHED = sentences.upkeep.LEFT_BESIDE
    REEMBEDDING_LEFTOVER = sentences.upkeep.EMBEDDED_BESIDE
    RESTORE_LEFTOVER = sentences.upkeep.RESTORED_BESIDE


HARMLESS = frozenset(
    [
        Problem.EXTERNAL_CHANGE,
        Problem.DUPLICATE_NAME,
        Problem.REEMBEDDING_UNFINISHED,
        Problem.REEMBEDDING_LEFTOVER,
        Problem.RESTORE_LEFTOVER,
    ]
)
"""Problems that are worth knowing about, but do no harm."""


@dataclass
class Occurrences:
    """How often a problem was found, and up to EXAMPLES_MAX places where."""

    count: int = 0
    examples: list[str] = field(default_factory=list)


class ExternalChange(NamedTuple):
    """A person changed by another program: their attributes as Redis stores them, '' if the person
    doesn't exist."""

    name: str
    before: str
    after: str


@dataclass
class Findings:
    """What a check found in a directory of this ``version`` (see Storage.version).

    ``commands`` repair the problems, except that ``invalid_vectors`` lists the people to embed
    again, and ``external_changes`` is to be added to the history.
    """

    version: tuple[str, int]
    problems: dict[Problem, Occurrences] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    invalid_vectors: list[str] = field(default_factory=list)
    external_changes: list[ExternalChange] = field(default_factory=list)

    @property
    def people(self) -> int:
        """How many people the directory has."""
        return self.version[1]

    @property
    def is_clean(self) -> bool:
        """Whether there is nothing to report, not even a harmless problem."""
        return not self.problems

    @property
    def is_damaged(self) -> bool:
        """Whether any problem does harm."""
        return any(problem not in HARMLESS for problem in self.problems)

    def add(self, problem: Problem, example: str, *commands: Command) -> None:
        """Record a problem, where it was found, and the commands that repair it."""
        occurrences = self.problems.setdefault(problem, Occurrences())
        occurrences.count += 1
        if len(occurrences.examples) < EXAMPLES_MAX:
            occurrences.examples.append(example.replace("\0", " · ")[:EXAMPLE_LENGTH_MAX])
        self.commands += commands
