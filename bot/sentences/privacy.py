"""What is stored, where and for how long, and what is held of a member."""

# What is stored

TITLE = "What is stored, where, and for how long"
OF_MEMBERS = (
    "**Of your Discord account**\nNothing, unless you change the directory. Then its history holds "
    "your Discord number and the name you show, and what you changed and when, until it forgets "
    "the change. /mydata shows it to you as a file, and takes your name and number out."
)
OF_PEOPLE = (
    "**Of the people in the directory**\nWhat those who keep it typed: a name, a description, "
    "attributes. It stays until they remove it, and then in the history, from where it can be "
    "brought back, until that forgets it."
)


def history(changes: int, since: str, most: int, days: int) -> str:
    """``since`` is a date, empty if there is no change; of ``most``, each is of one person."""
    held = f"{_changes(changes)} since {since}." if since else "Empty."
    last = "change of a person" if most == 1 else f"{most:,} changes of people"
    return (
        f"**The history**\n{held} It keeps the last {last}, for {_days(days)}, and the latest "
        "change whole. The rest it forgets when something is changed."
    )


WHERE = (
    "**Where**\nIn the Redis database of whoever runs this bot; in backups of it, perhaps for "
    "longer. The model that compares meanings runs beside the bot. Nothing goes to anybody but "
    "Discord, which carries questions and answers."
)
NOT_STORED = (
    "**What is not stored**\nQuestions, messages, lists of members. The bot reads the messages "
    "that mention it, that answer it, or on which you ask *Who is this about?*, and forgets them. "
    "To which question an answer is, it remembers in memory alone, until it is restarted. Its log "
    "has errors, and the numbers of channels and servers, but neither what was asked nor by whom."
)


def when_removed(days: int) -> str:
    return (
        "**When the bot is removed from this server**\nThe directory is kept for "
        f"{_days(days)}, should the bot come back. Then it is deleted, with its history."
    )


SHARED = (
    "**One directory for all servers**\nThis bot has one directory for all the servers it is in. "
    "It stays when the bot is removed from one of them."
)

# What is held of somebody

NOTHING = "This directory holds nothing of your Discord account."
IF_LISTED = (
    "If you are one of the people in it, /whois with your name shows what it says of you; who "
    "keeps the directory can change or remove that."
)
MINE = "What this directory holds of you"


def mine(name: str, changes: int) -> str:
    """``name`` is as a message shows it."""
    return f"Your Discord number and the name **{name}**, beside {_changes(changes)}."


ALL_IN_FILE = "All of it is in the file."


def newest_in_file(written: int) -> str:
    return f"In the file are the newest {written:,}: Discord takes no larger one."


ONE_SERVER = "Other servers have directories of their own; ask there for those."
ALL_SERVERS = "This is of all the servers the bot is in: they share one directory."

# Deleting one's traces

DELETE_TRACES = "Delete my traces"
CHANGES_STAY = "The changes stay; your name and number go, for good."


def type_word(word: str) -> str:
    return f"Type {word} to go on"


def not_typed(word: str, typed: str) -> str:
    return f"Nothing was deleted: {typed or 'nothing'} was typed, not {word}."


def deleted(changes: int, somebody: str) -> str:
    """``changes`` are how many stay, without a name."""
    return (
        f"Your name and number are out of the history. It still has {_changes(changes)}, by "
        f"{somebody}. If you change the directory again, it notes you again."
    )


def _changes(count: int) -> str:
    return "1 change" if count == 1 else f"{count:,} changes"


def _days(count: int) -> str:
    return "a day" if count == 1 else f"{count:,} days"
