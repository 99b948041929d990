"""What the bot says in Discord."""


# Who is asked for


def people(count: int) -> str:
    return "1 person" if count == 1 else f"{count:,} people"


def first_of(people: str, shown: int) -> str:
    return f"{people}, the first {shown:,} by name"


def who_fit(count: int, *, everybody: bool) -> str:
    """Of those who fit the conditions, everybody or the nearest."""
    if not everybody:
        return f"the {count:,} nearest of those who fit"
    return "1 person fits" if count == 1 else f"{count:,} people fit, the nearest first"


def nearest_to(words: str) -> str:
    return f"nearest to: {words}"


def like(name: str) -> str:
    return f"Like {name}"


def like_but(name: str, words: str) -> str:
    return f"Like {name}, but {words}"


EVERYBODY = "Everybody here"
ANYBODY = "Somebody, at random"
LESS_CLOSE = "Less close"
LEAST_FAR = "The least far from it"
NOBODY_VERY_CLOSE = "nobody is very close to that; these are the nearest"
NOBODY_ELSE = "Nobody else is here yet."
NOBODY_FITS = "Nobody here fits."
CHECK_THE_VALUES = "Check the values, or leave out a condition."
EMPTY_PAGE = "Nobody is on this page any more."
NO_WORDS_IN_MESSAGE = "There are no words in that message to go by."


NOTHING_CLOSE = (
    "Nobody here is close to that. Try it in other words: what did they do, where, or when?"
)
DID_YOU_MEAN = "Did you mean:"


def more(left: int) -> str:
    return f"… and {left:,} more"


# Buttons

SIMILAR = "Similar"
DETAILS = "Details"
ANOTHER = "Another"
FIRST = "« First"
PREVIOUS = "‹ Previous"
NEXT = "Next ›"
LAST = "Last »"
IGNORE_CONDITIONS = "Ignore the conditions"
USE_CONDITIONS = "Use the conditions"


def page_of(page: int, pages: int) -> str:
    return f"Page {page:,} of {pages:,}; go to …"


def page(number: int, first: int, last: int) -> str:
    return f"Page {number:,}: {first:,} to {last:,}"


def page_from(number: int, name: str) -> str:
    return f"Page {number:,}: from {name}"


NOT_YOURS = (
    "Only who asked can turn the pages of this answer. "
    "Ask the same, and you get one of your own; with private, nobody else sees it."
)
TOO_OLD = (
    "This answer is too old for that: its buttons last 14 minutes, and end when the bot is "
    "restarted. Please ask again."
)

FORM_TOO_OLD = (
    "That form was open for too long, or was sent already, or the bot was restarted meanwhile. "
    "Look whether it was saved; if not, please fill it in again."
)

# Keeping

YEAR_OPTION = "A year: 1934, -44, 44 BC, or none"
ATTRIBUTES_OPTION = "Like country=France field=physics,chemistry"
OTHERS_STAY_OPTION = f"{ATTRIBUTES_OPTION}; the others stay"

ADDED = "Added."
SAVED = "Saved."
SAME = "Nothing was changed: it was all so before."
ADD_A_PERSON = "Add a person"


def edit_person(name: str) -> str:
    return f"Edit {name}"


NAME = "Name"
DESCRIPTION = "Description"
ABOUT_DESCRIPTION = "One or two sentences: what did they do? This is what searches compare."
BORN = "Born"
ABOUT_BORN = "A year, like 1934, -44 or 44 BC; empty if unknown."
DIED = "Died"
ABOUT_DIED = "A year; empty if unknown or living."
ATTRIBUTES = "Attributes"
ABOUT_ATTRIBUTES = "Like country=France field=physics,chemistry. What is left out is cleared."
BACK_TO_THE_FORM = "Back to the form"
DIRECTORY_IS_SLOW = "The directory takes its time. Try again in a moment."
REMOVE_QUESTION = "Remove this person from the directory?"
REMOVE = "Remove"
KEEP = "Keep"


def removed(name: str) -> str:
    return f"{name} was removed."


def stays(name: str) -> str:
    return f"{name} stays."


def stays_unanswered(name: str) -> str:
    return f"{name} stays: nobody answered."


# Somebody else was first


def changed_meanwhile(name: str) -> str:
    return f"{name} was changed while you had the form open"


def changed_while_asked(name: str) -> str:
    return f"{name} was changed while you were asked"


def removed_meanwhile(name: str) -> str:
    return f"{name} was removed while you had the form open"


def difference(what: str, was: str, theirs: str | None, mine: str | None) -> str:
    """An attribute or the description as it was, as it is now, and as it was typed; None is as it
    was."""
    now = f"now **{theirs}**" if theirs is not None else ""
    typed = f"you typed **{mine}**" if mine is not None else ""
    return f"- {what}: {' · '.join(filter(None, [now, typed]))} (was {was})"


SAVE_MINE = "Save mine over it"
KEEP_THEIRS = "Keep theirs"
ADD_AS_TYPED = "Add again as typed"
LEAVE_REMOVED = "Leave it"


def theirs_stay(name: str) -> str:
    return f"{name} stays as others made it; yours was not saved."


def stays_away(name: str) -> str:
    return f"{name} stays away; yours was not saved."


ONLY_KEEPERS = (
    "Only members who may manage this server can change the directory. They can let others "
    "do it, command by command, under Server Settings > Integrations."
)

# About the directory


def everybody(count: int) -> str:
    return f"{people(count)} in this server's directory"


def coverage(field: str, kind: str, share: str) -> str:
    return f"`{field}` {kind} · {share}"


FIELDS = "What is known of them"
FIELDS_OF_SAMPLE = "What is known of them (of a thousand at random)"
UNDER_THE_HOOD = "Under the hood"


def made_of(model: str, redis: str, bytes_per_person: int) -> str:
    return f"Model {model} · Redis {redis} · {bytes_per_person:,} bytes a person"


WHAT_IS_STORED = (
    "Of those who use the bot, it stores who changed the directory, and nothing else. /privacy "
    "says more; /mydata shows what is held of you."
)

# Plain talk

MENU = "Who is this about?"


def greeting(mention: str) -> str:
    return (
        f"Ask me who did something: {mention} who won two Nobel prizes? "
        "Reply to my answer to go on from there. /help shows all I can do."
    )


FORGOTTEN = "I no longer know what that answer was to, so this is answered by itself."

# When too much is asked


def _in_seconds(seconds: int) -> str:
    return "in a second" if seconds == 1 else f"in {seconds:,} seconds"


def you_ask_too_much(seconds: int) -> str:
    return f"That is a lot at once. Please try again {_in_seconds(seconds)}."


def server_asks_too_much(seconds: int) -> str:
    return (
        "So many are asking in this server just now that others would have to wait. Please try "
        f"again {_in_seconds(seconds)}."
    )


# When the bot stops

RESTARTING = "The bot is restarting. Please try again in a moment."
CUT_OFF = (
    "The bot is restarting, and had to stop before this was done. If you were changing something, "
    "look how far it came; else ask again in a moment."
)

# When something goes wrong


LOST = (
    "The answer was lost on its way to Discord. "
    "If you changed something, look whether it was saved; else ask again."
)


def unexpected(code: str) -> str:
    return (
        "Something went wrong inside the bot. If you changed something, look whether it was saved. "
        f"Whoever runs the bot finds the reason in its log under `{code}`."
    )
