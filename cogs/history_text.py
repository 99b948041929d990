"""Changes to a directory, in words."""

from collections.abc import Callable, Sequence

from bot.directory import Change, History, Operation, OperationKind, unknown_author
from bot.files import ImportMode
from bot.interactions import plain, truncate
from bot.language import _, format_list, ngettext
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
    count = operation.people_count
    match operation.kind:
        case OperationKind.UNDO if operation.undoes:
            return await _describe_undo(history, operation.undoes, escape, depth)
        case OperationKind.IMPORT:
            return _describe_import(operation, escape)
        case OperationKind.OUTSIDE:
            return ngettext(
                "changed {count} person with another program",
                "changed {count} people with another program",
                count,
            )
        case OperationKind.FIELD_ADD:
            return _added_fields_text([escape(name) for name in operation.note.split()])
        case OperationKind.FIELD_RENAME:
            old, new = map(escape, operation.note.split(" ", 1))
            return _("renamed the attribute {old} to {new}", old=old, new=new)
        case OperationKind.FIELD_REMOVE:
            return _removed_field_text(escape(operation.note), count)
    changes = await history.changes(operation, 1)
    if operation.kind is OperationKind.BULK and changes:
        conditions = escape(truncate(operation.note, DESCRIPTION_WIDTH))
        assignments = format_list(_assignments(changes[0], escape))
        return _bulk_text(assignments, count, conditions)
    if not count:  # the people it was meant for were changed by others meanwhile
        fields = await _added_fields(history, operation)
        return _added_fields_text([escape(name) for name in fields])
    if count != 1 or not changes:
        return ngettext("changed {count} person", "changed {count} people", count)
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
        return f"**{name}** {', '.join(differences)}"
    person = new or old or Person("")
    if not with_description:
        return _("Added **{name}**", name=name) if new else _("Removed **{name}**", name=name)
    text = shown_text(person.description)
    if new:
        return _("Added **{name}**: {description}", name=name, description=text)
    return _("Removed **{name}**: {description}", name=name, description=text)


def author_name(operation: Operation, escape: Escape = plain) -> str:
    """Return the name of a change's author, or that it is unknown."""
    if operation.author is None:
        return unknown_author()
    return escape(truncate(operation.author.name, VALUE_WIDTH))


def shown_value(field: str, value: Value | None, escape: Escape = plain) -> str:
    """Return a value of an attribute, or ``none``, short enough for a line."""
    return escape(truncate(format_value(field, value), VALUE_WIDTH))


def value_change(
    field: str, before: Value | None, after: Value | None, escape: Escape = plain
) -> str:
    """Return the change of an attribute, such as ``born 1867 → 1868``."""
    old, new = (shown_value(field, value, escape) for value in (before, after))
    return f"{escape(field)} {old} → {new}"


def shown_text(description: str, escape: Escape = plain) -> str:
    """Return a description in quotes, short enough for a line."""
    return f"“{escape(truncate(description, DESCRIPTION_WIDTH))}”"


def _describe_import(operation: Operation, escape: Escape) -> str:
    file_name = operation.note.removesuffix(REPLACE_SUFFIX)
    shown = escape(truncate(file_name, VALUE_WIDTH))
    if file_name != operation.note:
        return ngettext(
            "replaced everyone with the people in {file}: {count} person changed",
            "replaced everyone with the people in {file}: {count} people changed",
            operation.people_count,
            file=shown,
        )
    if not shown:
        return ngettext(
            "imported {count} person", "imported {count} people", operation.people_count
        )
    return ngettext(
        "imported {count} person from {file}",
        "imported {count} people from {file}",
        operation.people_count,
        file=shown,
    )


async def _describe_undo(history: History, number: int, escape: Escape, depth: int) -> str:
    undone = await history.find(number) if depth else None
    if undone is None:
        return _("undid #{number}", number=str(number))
    description = await describe_operation(history, undone, escape, depth=depth - 1)
    return _("undid #{number}: {description}", number=str(number), description=description)


async def _added_fields(history: History, operation: Operation) -> Sequence[str]:
    schemas = [entry.schemas async for entry in history.entries(operation) if entry.schemas]
    return [name for before, after in reversed(schemas) for name in after if name not in before]


def _describe_single(change: Change, escape: Escape) -> str:
    name, old, new = escape(change.name), change.old, change.new
    if old and new:
        # Translators: {changes} is like: born 1867 → 1868, description
        return _(
            "edited {name}: {changes}",
            name=name,
            changes=", ".join(_differences(old, new, escape)),
        )
    return _("added {name}", name=name) if new else _("removed {name}", name=name)


def _added_fields_text(names: Sequence[str]) -> str:
    return ngettext(
        "added the attribute {attributes}",
        "added the attributes {attributes}",
        len(names),
        attributes=format_list(names),
    )


def _removed_field_text(name: str, owners: int) -> str:
    if not owners:
        return _("removed the attribute {attribute}, which nobody had", attribute=name)
    return ngettext(
        "removed the attribute {attribute} from {count} person",
        "removed the attribute {attribute} from {count} people",
        owners,
        attribute=name,
    )


def _bulk_text(assignments: str, count: int, conditions: str) -> str:
    # Translators: {assignments} is like: country=France
    if not conditions:
        return ngettext(
            "set {assignments} for {count} person",
            "set {assignments} for {count} people",
            count,
            assignments=assignments,
        )
    return ngettext(
        "set {assignments} for {count} person matching {conditions}",
        "set {assignments} for {count} people matching {conditions}",
        count,
        assignments=assignments,
        conditions=conditions,
    )


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
        label = _("description")
        before, after = shown_text(old.description, escape), shown_text(new.description, escape)
        differences.append(f"{label} {before} → {after}")
    elif old.description != new.description:
        differences.append(_("description"))
    return take_fitting(differences, DIFFERENCES_WIDTH + 2 * DESCRIPTION_WIDTH * with_description)
