"""The problems found in a directory, and the commands that repair them."""

from dataclasses import dataclass, field
from enum import StrEnum, auto
from typing import NamedTuple

from bot.directory.redis.commands import Command
from bot.language import _

EXAMPLES_MAX = 5
EXAMPLE_LENGTH_MAX = 60  # characters


class Problem(StrEnum):
    """A kind of problem."""

    NOT_ADOPTED = auto()
    WRONG_TYPE = auto()
    ATTRIBUTES_MISSING = auto()
    ATTRIBUTES_INVALID = auto()
    FIELDS_MISSING = auto()
    ATTRIBUTES_NOT_CANONICAL = auto()
    WRONG_DIMENSION = auto()
    INVALID_VECTOR = auto()
    NAME_MISSING = auto()
    NAME_EXTRA = auto()
    VALUE_MISSING = auto()
    VALUE_EXTRA = auto()
    WRONG_COUNT = auto()
    WRONG_FAME = auto()
    HEADER_MISSING = auto()
    OPERATION_EMPTY = auto()
    WRONG_HEADER = auto()
    UNREADABLE_ENTRY = auto()
    MARK_MISSING = auto()
    MARK_EXTRA = auto()
    WRONG_HISTORY_SIZE = auto()
    NOTHING_TO_RESUME = auto()
    WRONG_COUNTER = auto()
    INCOMPLETE_AUTHOR = auto()
    EXTERNAL_CHANGE = auto()
    DUPLICATE_NAME = auto()
    REEMBEDDING_UNFINISHED = auto()
    REEMBEDDING_LEFTOVER = auto()
    RESTORE_LEFTOVER = auto()


def describe_problem(problem: Problem) -> str:
    """Return what the problem is, in the plural."""
    return {
        Problem.NOT_ADOPTED: _(
            "not yet adopted by this version of the bot, which happens when the bot opens it"
        ),
        Problem.WRONG_TYPE: _("keys whose content another program replaced"),
        Problem.ATTRIBUTES_MISSING: _("people without attributes, so that conditions miss them"),
        Problem.ATTRIBUTES_INVALID: _("people whose attributes aren't a JSON object"),
        Problem.FIELDS_MISSING: _(
            "people without the key of an attribute, so that conditions on it miss them"
        ),
        Problem.ATTRIBUTES_NOT_CANONICAL: _(
            "people whose attributes aren't written in the bot's form"
        ),
        Problem.WRONG_DIMENSION: _(
            "vectors with a different dimension than the model's; fix them with "
            "`python -m bot reembed`"
        ),
        Problem.INVALID_VECTOR: _(
            "people whose vector is zero or not finite, so that searches miss them"
        ),
        Problem.NAME_MISSING: _("entries missing from the index of names"),
        Problem.NAME_EXTRA: _("superfluous entries in the index of names"),
        Problem.VALUE_MISSING: _("entries missing from the index of values"),
        Problem.VALUE_EXTRA: _("superfluous entries in the index of values"),
        Problem.WRONG_COUNT: _("wrong counts of values"),
        Problem.WRONG_FAME: _("people with a wrong rank by fame"),
        Problem.HEADER_MISSING: _("changes in the history without their header"),
        Problem.OPERATION_EMPTY: _("changes in the history that changed nothing"),
        Problem.WRONG_HEADER: _(
            "changes in the history whose header doesn't match what they changed"
        ),
        Problem.UNREADABLE_ENTRY: _("entries in the history that the bot didn't write"),
        Problem.MARK_MISSING: _("entries missing from the history's index"),
        Problem.MARK_EXTRA: _("superfluous entries in the history's index"),
        Problem.WRONG_HISTORY_SIZE: _("wrong count of the people in the history"),
        Problem.NOTHING_TO_RESUME: _("unfinished changes that no longer exist"),
        Problem.WRONG_COUNTER: _("counters that would assign a number twice"),
        Problem.INCOMPLETE_AUTHOR: _("authors in the history with half their record missing"),
        Problem.EXTERNAL_CHANGE: _(
            "people changed by another program, which the history doesn't record"
        ),
        Problem.DUPLICATE_NAME: _(
            "names shared by several people, ignoring case and accents; rename them"
        ),
        Problem.REEMBEDDING_UNFINISHED: _(
            "unfinished embedding with another model; `python -m bot reembed` "
            "continues it if EMBEDDING_MODEL is that model, or removes it if it is "
            "the current one"
        ),
        Problem.REEMBEDDING_LEFTOVER: _(
            "remains of embedding with another model; the next `reembed` or `check "
            "--repair` removes them"
        ),
        Problem.RESTORE_LEFTOVER: _(
            "a restore that is running or was interrupted; the next restore or `check"
            " --repair` removes what it loaded, and cancels it if it is running"
        ),
    }[problem]


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
