"""Attributes that a directory has, and those of many people set at once."""

# The attributes

GROUP = "The attributes that people may have"


def title(count: int) -> str:
    return "1 attribute" if count == 1 else f"{count} attributes"


ASKED_LIKE = "What everybody may have, how many do, and how to ask for it."
OF_SAMPLE = "The shares and spans are those of a thousand people at random."
NOBODY_HAS_IT = "nobody has it yet"


def row(field: str, kind: str, share: str) -> str:
    return f"**{field}**  {kind} · {share}"


def span(least: str, most: str) -> str:
    return f"always {least}" if least == most else f"from {least} to {most}"


KINDS = {
    "text": "text: one value, like France",
    "tags": "tags: several values, like physics, chemistry",
    "number": "number: a year, a height, a count",
    "flag": "flag: yes or no",
}


def added(field: str, kind: str) -> str:
    return f"There is an attribute {field} now ({kind}). /setattribute gives people a value of it."


def renamed(old: str, new: str) -> str:
    return f"The attribute {old} is called {new} now, for everybody."


def removed(field: str) -> str:
    return f"The attribute {field} was removed, with all values of it."


def remove_title(field: str) -> str:
    return f"Remove {field}?"


TYPE_TO_REMOVE = "Type its name to remove it"


def who_have_it(people: int) -> str:
    if not people:
        return "Nobody has a value of it."
    have = "1 person has" if people == 1 else f"{people:,} people have"
    return f"{have} a value of it. /undo can bring it all back."


def not_typed(field: str, typed: str) -> str:
    return f"Nothing was removed: {typed or 'nothing'} was typed, not {field}."


# One attribute of many

NAME_OR_FILTER = (
    "Whose attribute? Give either a name, or a filter like country:ussr for all who fit it."
)
CHANGED_WHILE_ASKED = "This changed while you were asked."
LEAVE = "Leave all as it is"
ALL_STAY = "Nothing was changed."
ALL_STAY_UNANSWERED = "Nothing was changed: nobody answered."


def set_question(what: str, people: str) -> str:
    """``what`` is an attribute with its value: country=Russia."""
    return f"Set {what} for {people}?"


def set_for(people: str) -> str:
    return f"Set it for {people}"


def setting(what: str) -> str:
    return f"Setting {what} …"


def was_set(what: str, people: str) -> str:
    return f"{what} was set for {people}."


def had_it(people: str) -> str:
    return f"It was so before for {people}."


def has_it(name: str, what: str) -> str:
    return f"**{name}** has {what} already"


def stay(people: str) -> str:
    return f"As before stay {people}:"
