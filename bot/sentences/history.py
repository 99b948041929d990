"""What was changed, and what is taken back."""

from collections.abc import Mapping, Sequence

from bot.sentences.hints import did_you_mean

SOMEBODY = "somebody"


def no_change(number: int) -> str:
    return (
        f"There is no change #{number} in the history (any more). /history lists those there are."
    )


def undone_already(number: int, by: int) -> str:
    return f"Change #{number} was undone already, by #{by}. To have it again, undo #{by}."


def forgotten_in_part(number: int) -> str:
    return (
        f"The beginning of change #{number} is no longer in the history, so that it cannot be "
        "undone."
    )


def nothing_to_undo(number: int, why: Sequence[str]) -> str:
    return f"Change #{number} cannot be undone. {' '.join(why)}"


def changed_since(name: str, what: Mapping[str, int | None]) -> str:
    """``what`` are attributes, or the description, and the change of each if that is known."""
    was, stays = ("was", "stays") if len(what) == 1 else ("were", "stay")
    numbers = {*what.values()}
    if len(numbers) == 1:
        by = _by([number for number in numbers if number])
        return f"Of {name}, {_and([*what])} {was} changed since{by}, and {stays}."
    each = [f"{attribute} (#{by})" if by else attribute for attribute, by in what.items()]
    return f"Of {name}, {_and(each)} {was} changed since, and {stays}."


def stays_here(name: str, by: Sequence[int]) -> str:
    """Of somebody who was added."""
    return f"{name} was changed since{_by(by)}, and stays in the directory."


def gone_since(name: str, by: Sequence[int]) -> str:
    return f"{name} was removed since{_by(by)}, and stays away."


def there_again(name: str, by: Sequence[int]) -> str:
    return f"{name} is there again{_by(by)}, and stays."


def _by(numbers: Sequence[int]) -> str:
    """By which changes something was done; none may be known."""
    return f" by {_and([f'#{number}' for number in numbers])}" if numbers else ""


def _and(items: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(items[:-1]), *items[-1:]]))


def field_in_use(field: str) -> str:
    return f"The attribute {field} stays, for somebody has a value of it."


def field_not_renamed(now: str, old: str) -> str:
    return f"The attribute {now} is not called {old} again: it is gone since, or {old} is there."


def field_lost(field: str) -> str:
    return f"The attribute {field} is gone since, or takes something else; its values stay away."


DESCRIPTION = "the description"
DESCRIBED = "description"
AS_BEFORE = "All that it changed is as it was before."

# What was changed


def added(name: str) -> str:
    return f"added {name}"


def edited(name: str, what: Sequence[str]) -> str:
    return f"edited {name}: {', '.join(what)}"


def removed(name: str) -> str:
    return f"removed {name}"


def from_to(field: str, before: str, after: str) -> str:
    return f"{field} {before} → {after}".strip()


def imported(people: str, file: str) -> str:
    return f"imported {people} from {file}" if file else f"imported {people}"


def replaced(people: int, file: str) -> str:
    return f"replaced all people by those of {file}: {people:,} added, changed or removed"


def set_for(what: Sequence[str], people: str, conditions: str) -> str:
    """``what`` are attributes with their values: country=Russia."""
    which = f" with {conditions}" if conditions else ""
    return f"set {', '.join(what)} for {people}{which}"


def fields_added(fields: Sequence[str]) -> str:
    return f"added the attribute {', '.join(fields)}"


def field_renamed(old: str, new: str) -> str:
    return f"renamed the attribute {old} to {new}"


def field_removed(field: str, people: int) -> str:
    who = {0: "nobody", 1: "1 person"}.get(people, f"{people:,} people")
    return f"removed the attribute {field}, of which {who} had a value"


def undid(number: int, what: str) -> str:
    """``what`` may be empty."""
    return f"undid #{number}, which {what}" if what else f"undid #{number}"


def changed_outside(people: str) -> str:
    return f"changed {people} from outside the bot"


def changed_many(people: str) -> str:
    return f"changed {people}"


def added_here(name: str, description: str = "") -> str:
    return f"**{name}** was added: {description}" if description else f"**{name}** was added"


def removed_here(name: str, description: str = "") -> str:
    return f"**{name}** was removed: {description}" if description else f"**{name}** was removed"


def edited_here(name: str, what: Sequence[str]) -> str:
    return f"**{name}** {', '.join(what)}"


# The list of changes

HISTORY = "History"
UNDO = "Undo"


def history_of(person: str) -> str:
    return f"History of {person}"


def history_by(author: str) -> str:
    return f"Changes by {author}"


def history_of_by(person: str, author: str) -> str:
    return f"Changes of {person} by {author}"


def nothing_found(person: str, author: str) -> str:
    """``person`` and ``author`` may be empty."""
    if not (person or author):
        return "Nothing was changed yet."
    of = f" of {person}" if person else ""
    by = f" by {author}" if author else ""
    return f"There are no changes{of}{by} in the history."


def reaches(most: int, days: int, since: str) -> str:
    """How far the history goes back; ``since`` may be empty."""
    bound = f"The last {most:,} changes of people, for {days:,} days"
    return f"{bound}; since {since}" if since else bound


def row(number: int, when: str, who: str) -> str:
    return f"**#{number}**  {when} · {who}"


def choice(number: int, who: str, what: str) -> str:
    return f"#{number} {who} {what}"


def undone_by(number: int, *, whole: bool) -> str:
    return f"undone by #{number}" if whole else f"undone in part by #{number}"


NOT_FINISHED = "not finished"
FORGOTTEN_IN_PART = "its beginning is forgotten, so it cannot be undone"


def no_changes_of(person: str, near: Sequence[str]) -> str:
    sentence = nothing_found(person, "")
    return f"{sentence} {did_you_mean(near)}" if near else sentence


def nobody_in_history(author: str) -> str:
    return f"Nobody called {author} changed anything here."


NOT_BY_SOMEBODY = (
    f"By {SOMEBODY} are the changes of those who are not known or had their name taken out; they "
    "cannot be listed apart. /history alone lists them with all others."
)


# Taking back

KEEP = "Keep"


def no_number(typed: str) -> str:
    return f"{typed} is no change. Give the number of one, like 12; /history lists them."


NOTHING_OF_YOURS = (
    "There is no change of yours to undo. /history lists everybody's; /undo takes their number."
)


def undo_question(number: int) -> str:
    return f"Undo change #{number}?"


def undoing(number: int) -> str:
    return f"Undoing change #{number} …"


def stays_done(number: int) -> str:
    return f"Change #{number} stays."


def stays_done_unanswered(number: int) -> str:
    return f"Change #{number} stays: nobody answered."


def undone(number: int, what: str, by: int) -> str:
    return f"Undone: #{number}, which {what}. This is change #{by}."


UNDO_AGAIN = "If it was right after all, undo the undo."


def undo_change(number: int) -> str:
    return f"Undo #{number}"


def done_of(done: int, total: int) -> str:
    return f"{done:,} of {total:,}"
