"""The pages of /help."""

from typing import NamedTuple


class Page(NamedTuple):
    title: str
    text: str


PAGES = {
    "finding": Page(
        "Finding",
        "Say who you look for in plain words: what they did, what they were. I know what "
        "descriptions *mean*, so `entertainer` finds singers and clowns.\n"
        "- `/whois` takes a name, or words. It shows the best as a card, and more below.\n"
        "- `/search` ranks them, with conditions beside the words.\n"
        "- `/similar` finds who is like somebody: *like Marie Curie, but music*.\n\n"
        "The bar behind a name (▰▰▰▱▱) says how close it is to what you asked, by the measure of "
        "this directory.",
    ),
    "conditions": Page(
        "Conditions",
        "Conditions are exact: everybody shown fits them, and nobody who does is missed.\n"
        "- `died<2000` `born:1900..1950` `born:19c`: years, spans, centuries.\n"
        '- `country:france` `-country:"united states"`: is, and is not.\n'
        "- `known_for:physics,chemistry`: one of these.\n"
        "- `is:alive` `has:country` `no:died`: what is known.\n"
        "- `died<1900 or (is:alive country:france)`: or, and, brackets.\n\n"
        "Plain English works, too: *scientists who died before 2000*. What I took for conditions, "
        "I show as chips; a button ignores them.",
    ),
    "talking": Page(
        "Talking",
        "Mention me in a channel and just ask: *who won two Nobel prizes?*\n"
        "Reply to my answer, mentioning me, to go on from there: *and who of them were "
        "musicians?*\n"
        "On any message, *Apps › Who is this about?* shows whom it names, or whom it comes close "
        "to; only you see that.",
    ),
    "looking": Page(
        "Looking round",
        "- `/people` lists everybody by name, or who fits conditions, page by page.\n"
        "- `/map` draws the directory, with those who did alike close together.\n"
        "- `/random` shows somebody.\n"
        "- `/about` has the figures.\n"
        "- `/privacy` says what I keep of you (next to nothing), and `/mydata` shows it.",
    ),
    "keeping": Page(
        "Keeping",
        "For members who may manage the server, and whom they let:\n"
        "- `/addperson` and `/editperson` open a form, or take it all in one line.\n"
        "- `/setattribute` sets one attribute: `country`, `field`, or one that you invent; with a "
        "filter, of all who fit it.\n"
        "- `/removeperson` asks first.\n"
        "- `/history` shows what was changed, and `/undo` takes it back, also a removal.\n"
        "- `/attributes` lists the attributes there are, and adds, renames and removes them.\n"
        "- `/import` brings in people from a file, after a preview; `/export` hands out all.\n\n"
        "An attribute `image` with an https address puts a picture on the card. Who has a number "
        "`fame` is offered first while somebody types.",
    ),
}
"""By their topics, in their order."""

TRY = "Try it:"


def like(name: str) -> str:
    return f"/similar {name}"


def whois(words: str) -> str:
    return f"/whois {words}"


def search(query: str) -> str:
    return f"/search {query}"


def people(conditions: str) -> str:
    return f"/people {conditions}".strip()


RANDOM = "/random"
