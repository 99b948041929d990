"""Changes of the directory in words."""

from collections.abc import Callable, Sequence

from bot import sentences
from bot.directory import Change, History, Operation, OperationKind, changed_fields
from bot.files import ImportMode
from bot.interactions import plain, truncate
from bot.person import Person, Value, format_value
from cogs.cards import take_fitting

Escape = Callable[[str], str]
"""Makes what somebody typed fit for where it is shown."""

VALUE_WIDTH = 60  # characters of a value
WHAT_WIDTH = 300  # of all that changed of a person
DESCRIPTION_WIDTH = 200
REPLACING = f" ({ImportMode.REPLACE})"  # after the name of a file


async def in_words(
    history: History, operation: Operation, escape: Escape = plain, *, depth: int = 1
) -> str:
    """What an operation did: ``edited Marie Curie: born 1867 → 1868``. What an undo took back is
    told, too, to a ``depth``."""
    people = sentences.answers.people(operation.people_count)
    match operation.kind:
        case OperationKind.UNDO if operation.undoes:
            return await _undid(history, operation.undoes, escape, depth)
        case OperationKind.IMPORT:
            return _imported(operation, escape)
        case OperationKind.OUTSIDE:
            return sentences.history.changed_outside(people)
        case OperationKind.FIELD_ADD:
            return sentences.history.fields_added([escape(name) for name in operation.note.split()])
        case OperationKind.FIELD_RENAME:
            return sentences.history.field_renamed(*map(escape, operation.note.split(" ", 1)))
        case OperationKind.FIELD_REMOVE:
            return sentences.history.field_removed(escape(operation.note), operation.people_count)
    changes = await history.changes(operation, 1)
    if operation.kind is OperationKind.BULK and changes:
        conditions = escape(truncate(operation.note, DESCRIPTION_WIDTH))
        return sentences.history.set_for(_values(changes[0], escape), people, conditions)
    if not operation.people_count:  # the people to get a value of it were others' meanwhile
        fields = await _fields_added(history, operation)
        return sentences.history.fields_added([escape(name) for name in fields])
    if operation.people_count != 1 or not changes:
        return sentences.history.changed_many(people)
    return _of_one(changes[0], escape)


async def of_person(history: History, operation: Operation, name: str) -> str:
    """What an operation did to a person, escaped; '' where ``in_words`` says it."""
    if operation.kind in (OperationKind.ADD, OperationKind.EDIT, OperationKind.REMOVE):
        return ""
    change = await history.find_change(operation, name)
    if change is None:
        return ""
    old, new = change.old, change.new
    if old and new:
        differences = _differences(old, new, plain)
        return sentences.history.edited_here(plain(name), differences) if differences else ""
    here = sentences.history.added_here if new else sentences.history.removed_here
    return here(plain(name))


def in_full(change: Change) -> str:
    """What became of a person, escaped."""
    name, old, new = plain(change.name), change.old, change.new
    if old and new:
        return sentences.history.edited_here(name, _differences(old, new, plain, described=True))
    if new:
        return sentences.history.added_here(name, shown_text(new.description))
    return sentences.history.removed_here(name, shown_text(old.description if old else ""))


def who(operation: Operation, escape: Escape = plain) -> str:
    """Who asked for it, as far as that is known."""
    if operation.author is None:
        return sentences.history.SOMEBODY
    return escape(truncate(operation.author.name, VALUE_WIDTH))


def shown_value(field: str, value: Value | None, escape: Escape = plain) -> str:
    """A value of an attribute, or ``none``, short enough for a line."""
    return escape(truncate(format_value(field, value), VALUE_WIDTH))


def from_to(field: str, before: Value | None, after: Value | None, escape: Escape = plain) -> str:
    """An attribute that becomes another: ``born 1867 → 1868``."""
    values = (shown_value(field, value, escape) for value in (before, after))
    return sentences.history.from_to(escape(field), *values)


def shown_text(description: str, escape: Escape = plain) -> str:
    """A description, short enough for a line, in quotes."""
    return f"“{escape(truncate(description, DESCRIPTION_WIDTH))}”"


def _imported(operation: Operation, escape: Escape) -> str:
    file = operation.note.removesuffix(REPLACING)
    shown = escape(truncate(file, VALUE_WIDTH))
    if file != operation.note:
        return sentences.history.replaced(operation.people_count, shown)
    return sentences.history.imported(sentences.answers.people(operation.people_count), shown)


async def _undid(history: History, number: int, escape: Escape, depth: int) -> str:
    before = await history.find(number) if depth else None
    what = await in_words(history, before, escape, depth=depth - 1) if before else ""
    return sentences.history.undid(number, what)


async def _fields_added(history: History, operation: Operation) -> Sequence[str]:
    schemas = [step.schemas async for step in history.entries(operation) if step.schemas]
    return [name for before, after in reversed(schemas) for name in after if name not in before]


def _of_one(change: Change, escape: Escape) -> str:
    name, old, new = escape(change.name), change.old, change.new
    if old and new:
        return sentences.history.edited(name, _differences(old, new, escape))
    return sentences.history.added(name) if new else sentences.history.removed(name)


def _values(change: Change, escape: Escape) -> Sequence[str]:
    """What was set: ``country=Russia``."""
    old, new = change.old or Person(""), change.new or Person("")
    changed = changed_fields(old, new)
    pairs = (
        f"{escape(name)}={shown_value(name, after, escape)}" for name, (_, after) in changed.items()
    )
    return take_fitting(pairs, WHAT_WIDTH)


def _differences(
    old: Person, new: Person, escape: Escape, *, described: bool = False
) -> Sequence[str]:
    """What of a person is another; of the description that it is, or from what to what."""
    differences = [
        from_to(name, before, after, escape)
        for name, (before, after) in changed_fields(old, new).items()
    ]
    if old.description != new.description and described:
        before, after = shown_text(old.description, escape), shown_text(new.description, escape)
        differences.append(sentences.history.from_to(sentences.history.DESCRIBED, before, after))
    elif old.description != new.description:
        differences.append(sentences.history.DESCRIBED)
    return take_fitting(differences, WHAT_WIDTH + 2 * DESCRIPTION_WIDTH * described)
