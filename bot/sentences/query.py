"""What is wrong with a query."""

from collections.abc import Iterable, Sequence


def too_long(length: int, most: int) -> str:
    return f"A query has at most {most} characters; this one has {length:,}."


def control_character(character: str) -> str:
    return f"There is a control character (U+{ord(character):04X}) in the query."


NO_WORDS = (
    "There are no words in that to search by. Say what somebody did or was, "
    "like lead singer, or give a condition, like died<2000."
)


def words_beside_conditions(words: str) -> str:
    return (
        f"{words} is no condition, and this takes conditions alone, like died<2000. "
        "/search takes words, too."
    )


ALIVE_AND_DEAD = "Nobody is both alive and dead."

# Quotes, brackets and operators

QUOTE_NEVER_CLOSED = "This quote is never closed."
SPACE_AFTER_QUOTE = "Put a space after the quote."
BRACKET_NEVER_OPENED = "This bracket was never opened: a ( is missing."
BRACKET_NEVER_CLOSED = "This bracket is never closed: a ) is missing."
TWO_OPERATORS = "Two operators stand side by side."
OR_JOINS = (
    'An "or" joins two conditions, like died<1900 or born>1990, or values, like '
    "country:france,italy. To search by it as a word, put it in quotes."
)
UNCLEAR_NOT = "It is not clear what is not meant."
MINUS_BEFORE_CONDITION = "To mean not, write - right before the condition."


def minus_before(field: str) -> str:
    return f"Put a - before {field} to mean not."


def minus_before_value(value: str) -> str:
    return f"To mean not {value}, write the attribute before it again: -…:{value}."


def no_space_after(minus: str) -> str:
    return f"Leave no space after {minus}, or leave it out."


def nested_too_deep(most: int) -> str:
    return f"Brackets and not may be nested {most} deep; this is more."


def words_in_brackets(text: str) -> str:
    return (
        f"{text} stands in brackets with a condition, "
        "where only conditions can stand. Put words before the brackets."
    )


# Attributes


def unknown_field(field: str, hint: str) -> str:
    """``hint`` is a sentence: that of did_you_mean, or one of the next four."""
    sentence = f"Nobody here has an attribute {field}."
    return f'{sentence} {hint} To search by it as words, put it in "quotes".'


def you_can_ask_by(fields: Iterable[str]) -> str:
    return f"You can ask by {', '.join(fields)}."


FOR_A_NAME = "For a name, use /whois."
FOR_A_DESCRIPTION = "For what somebody did, just say it."
FOR_AN_AGE = "For an age, say older than 80, or younger than 30."


def space_before(field: str) -> str:
    return f"Put a space before {field}."


def operator_missing(field: str) -> str:
    return f"What should {field} be? An operator is missing."


def attribute_missing(operator: str, instead: str) -> str:
    """``instead`` is the condition that seems to be meant; it may be empty."""
    way = "Put the name of an attribute right before it, like born."
    return f"What should be {operator} here? {f'Write {instead}.' if instead else way}"


# Values


def value_missing(condition: str, hint: str) -> str:
    """``condition`` ends before its value; ``hint`` is one of the next two, or empty."""
    sentence = f"{condition} what? A value is missing."
    return f"{sentence} {hint}" if hint else sentence


SEVERAL_WITH_COMMAS = "Several are written with commas: country:france,italy."
LEAVE_OUT_THE_COLON = "Leave out the colon."

IN_WHAT = "In what? A value is missing."
COMMAS_BETWEEN_VALUES = "Between values there are commas, like france,italy."


def one_more_value(word: str, last: str) -> str:
    """``last`` is the value before the ``word``."""
    return (
        f"Is {word} one more value? Then write {last},{word} without a space; "
        "if it is a word to search by, leave out the comma."
    )


def one_value(field: str, operator: str) -> str:
    return f"{field}{operator} takes one value, not several."


def leave_out(character: str) -> str:
    return f"Leave out the {character} here."


def alive_or_dead(given: str) -> str:
    return f"is: takes alive or dead, not {given}."


def one_word(field: str) -> str:
    return f"{field}: takes one word. Write {field}: again for more."


def unknown_has_no_order(unknown: str, operator: str) -> str:
    """``unknown`` is the word for it, as it was typed."""
    return f"{unknown} can be = or !=, but not {operator}."


def no_number(field: str, operator: str) -> str:
    return f"{field} is no number: it can be = or !=, but not {operator}."


# Numbers and years


def without_comma(number: str) -> str:
    return f"Write {number}, without the comma."


def one_number(field: str, operator: str) -> str:
    return f"{field}{operator} takes one number, not a range."


def two_ends(field: str) -> str:
    return f"A span has two ends, like {field}:1900..1950."


def wrong_order(low: str, high: str, instead: Sequence[str]) -> str:
    """``instead`` are the conditions that may be meant."""
    return f"{low} comes after {high}. Write {', or '.join(instead)}."


def of_any_century(decade: str) -> str:
    """``decade`` is 20, for the 20s."""
    return f"{decade}s may be of any century: write 19{decade}s or 18{decade}s."


def ten_years_or_hundred(first: int) -> str:
    return (
        f"{first}s may be ten years or a hundred: "
        f"write {first}..{first + 9} or {first}..{first + 99}."
    )


NO_YEAR_0 = "There is no year 0. Write 1..9 or 1..99."
NO_CENTURY_0 = "There is no century 0: the first has the years 1 to 100."
LIVED_TAKES_YEARS = "lived takes : and a span of years, like lived:1701..1800, lived:18c."
