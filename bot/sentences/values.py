"""What an attribute takes."""

NUMBER = "a number"
NUMBER_OR_YEAR = "a number, like 180 or 1.75, or a year alone, like 1867 or 44 BC"
SHORT_NUMBER = "a number of at most 15 digits"
YES_OR_NO = "yes or no"
TEXT = "text"
TEXT_WITH_LETTERS = "a value with letters or digits in it"
TAGS = "tags, with commas between"
TAGS_OF_TEXT = "tags that are text"


def year_alone(first: int, last: int) -> str:
    return f"a year alone, like 1867 or 44 BC, between {first} and {last}"


def at_most_tags(most: int) -> str:
    return f"at most {most} tags"


def at_most_characters(most: int) -> str:
    return f"at most {most} characters"


def takes(field: str, expected: str, given: str) -> str:
    """``expected`` is one of the above."""
    return f"{field} takes {expected}, not {given}."
