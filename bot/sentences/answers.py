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
