"""Changes to a directory, in words."""

from collections.abc import Callable, Sequence

from bot import sentences
from bot.directory import Change, History, Operation, OperationKind
from bot.files import ImportMode
from bot.interactions import plain, truncate
from bot.person import Person, Value, changed_fields, format_value
from cogs.cards import take_fitting

Escape = Callable[[str], str]
"""Escapes text that someone typed."""

VALUE_WIDTH = 60  # characters of a value
DIFFERENCES_WIDTH = 300  # characters of all changes to a person
DESCRIPTION_WIDTH = 200  # characters of a description
REPLACE_SUFFIX = f" ({ImportMode.REPLACE})"  # after a file name in the note of an operation


async def describe_operation(
    history: History, operation: Operation, escape: Escape = plain, *, depth: int = 1
) -> str:
    """Return what an operation did, such as ``edited Marie Curie: born 1867 → 1868``.

    An undo is described together with what it undid; if that was an undo as well, down to *depth*
    levels.
    """
    people = sentences.answers.people(operation.people_count)
    match operation.kind:
        case OperationKind.UNDO if operation.undoes:
            return await _describe_undo(history, operation.undoes, escape, depth)
        case OperationKind.IMPORT:
            return _describe_import(operation, escape)
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
        return sentences.history.set_for(_assignments(changes[0], escape), people, conditions)
    if not operation.people_count:  # the people it was meant for were changed by others meanwhile
        fields = await _added_fields(history, operation)
        return sentences.history.fields_added([escape(name) for name in fields])
    if operation.people_count != 1 or not changes:
        return sentences.history.changed_many(people)
    return _describe_single(changes[0], escape)


async def describe_for_person(history: History, operation: Operation, name: str) -> str:
    """Return what an operation did to one person, escaped; empty if ``describe_operation`` already
    says it."""
    if operation.kind in (OperationKind.ADD, OperationKind.EDIT, OperationKind.REMOVE):
        return ""
    change = await history.find_change(operation, name)
    if change is None or (change.old and change.old == change.new):
        return ""
    return describe_change(change, with_description=False)


def describe_change(change: Change, *, with_description: bool = True) -> str:
    """Return what was changed about a person, escaped."""
    name, old, new = plain(change.name), change.old, change.new
    if old and new:
        differences = _differences(old, new, plain, with_description=with_description)
        return sentences.history.edited_here(name, differences)
    person = new or old or Person("")
    texts = [shown_text(person.description)] if with_description else []
    here = sentences.history.added_here if new else sentences.history.removed_here
    return here(name, *texts)


def author_name(operation: Operation, escape: Escape = plain) -> str:
    """Return the name of a change's author, or that it is unknown."""
    if operation.author is None:
        return sentences.history.SOMEBODY
    return escape(truncate(operation.author.name, VALUE_WIDTH))


def shown_value(field: str, value: Value | None, escape: Escape = plain) -> str:
    """Return a value of an attribute, or ``none``, short enough for a line."""
    return escape(truncate(format_value(field, value), VALUE_WIDTH))


def value_change(
    field: str, before: Value | None, after: Value | None, escape: Escape = plain
) -> str:
    """Return the change of an attribute, such as ``born 1867 → 1868``."""
    values = (shown_value(field, value, escape) for value in (before, after))
    return sentences.history.from_to(escape(field), *values)


def shown_text(description: str, escape: Escape = plain) -> str:
    """Return a description in quotes, short enough for a line."""
    return f"“{escape(truncate(description, DESCRIPTION_WIDTH))}”"


def _describe_import(operation: Operation, escape: Escape) -> str:
    file_name = operation.note.removesuffix(REPLACE_SUFFIX)
    shown = escape(truncate(file_name, VALUE_WIDTH))
    if file_name != operation.note:
        return sentences.history.replaced(operation.people_count, shown)
    return sentences.history.imported(sentences.answers.people(operation.people_count), shown)


async def _describe_undo(history: History, number: int, escape: Escape, depth: int) -> str:
    undone = await history.find(number) if depth else None
    if undone is None:
        return sentences.history.undid(number, "")
    description = await describe_operation(history, undone, escape, depth=depth - 1)
    return sentences.history.undid(number, description)


async def _added_fields(history: History, operation: Operation) -> Sequence[str]:
    schemas = [entry.schemas async for entry in history.entries(operation) if entry.schemas]
    return [name for before, after in reversed(schemas) for name in after if name not in before]


def _describe_single(change: Change, escape: Escape) -> str:
    name, old, new = escape(change.name), change.old, change.new
    if old and new:
        return sentences.history.edited(name, _differences(old, new, escape))
    return sentences.history.added(name) if new else sentences.history.removed(name)


def _assignments(change: Change, escape: Escape) -> Sequence[str]:
    """Return the values that were set, such as ``country=Russia``."""
    old, new = change.old or Person(""), change.new or Person("")
    changed = changed_fields(old, new)
    pairs = (
        f"{escape(name)}={shown_value(name, after, escape)}" for name, (_, after) in changed.items()
    )
    return take_fitting(pairs, DIFFERENCES_WIDTH)


def _differences(
    old: Person, new: Person, escape: Escape, *, with_description: bool = False
) -> Sequence[str]:
    """Return each change between two versions of a person. For a description, unless
    *with_description*, that is only that it changed."""
    differences = [
        value_change(name, before, after, escape)
        for name, (before, after) in changed_fields(old, new).items()
    ]
    if old.description != new.description and with_description:
        before, after = shown_text(old.description, escape), shown_text(new.description, escape)
        differences.append(sentences.history.from_to(sentences.history.DESCRIBED, before, after))
    elif old.description != new.description:
        differences.append(sentences.history.DESCRIBED)
    return take_fitting(differences, DIFFERENCES_WIDTH + 2 * DESCRIPTION_WIDTH * with_description)
