"""Everything people read is in plain English: the messages, the descriptions of commands, the docs.

The patterns are the habits that this project's English once had. They are a floor: a text without
them can still be hard to read.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

ROOT = Path(__file__).parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), ROOT / ".env.example"])
HARD_TO_READ = {
    "a statement that starts with “who”": r"(?:^|[.;:] )(?:only )?who [^?.]*(?:\.|$)",
    "“who” without a noun before it": r"\b(?:for|of|by|to|than|as) who (?!is\b|was\b|did\b)\w",
    "“whom”": r"\bwhom\b",
    "“is no …”": r"(?<!here )(?<!this )\b(?:is|are|was|were) (?:no|none|nobody)\b(?! longer| more)",
    "“for” meaning because": r"[,;] for (?:it|they|there|nobody|somebody|much|then|that)\b",
    "“else” meaning otherwise": r"[;,.] else\b(?! if)",
    "“so” for “like this”": (
        r"\b(?:starts?|ends?|called|named|spelt|was|were) so\b(?! (?:that|far|long|many|much))"
    ),
    "“otherwise” for different": r"\bbut otherwise\b|\bthe other is another\b",
    "an old-fashioned verb": r"\b(?:mend(?:s|ed|ing)?|unheard|hears?|takes? back|taken back)\b",
    "“stay” for keep": r"\bstays?\b(?! (?:within|below|under|online|connected|in sync))",
    "“gone” for removed": r"\b(?:is|are|was) (?:gone|away|there again)\b",
    "“somebody”": r"\b(?:some|any)body\b",
    "an inverted sentence": r"(?:^|[.;] )(?:of|as before) [{\w}]+[ ,].*\b(?:was|were|stay)\b",
    "“least far”": r"\bleast far\b",
    "“takes its time”": r"\btakes? its time\b",
    "“the like”": r"\bthe like\b",
    "the number of someone": r"\b(?:Discord's|their|his) number\b",
    "“at the most”": r"\bat the most\b",
    "“it was all so before”": r"\ball so before\b",
    "“the same as before stay”": r"\bas before stay\b",
    "“flag” for yes or no": r"\bflags?\b(?!-)",
}
CODE = re.compile(r"```.*?```|`[^`]*`|<!--.*?-->|\]\([^)]*\)", re.DOTALL)


def sentences_of(page: Path) -> Iterator[str]:
    """Yield the paragraphs of a page, without the code in them."""
    for paragraph in CODE.sub(" X ", page.read_text("utf-8")).split("\n\n"):
        for line in re.split(r"\n(?=[-*|#] ?)", paragraph):
            yield " ".join(line.split()).lstrip("-*|# ")


def found_in(texts: Iterator[str] | list[str]) -> list[str]:
    return [
        f"{name}: {text[:160]}"
        for text in texts
        for name, pattern in HARD_TO_READ.items()
        if re.search(pattern, text, re.MULTILINE | re.IGNORECASE)
    ]


def messages() -> Iterator[str]:
    with (ROOT / "bot" / "locale" / "bot.pot").open("rb") as file:
        for message in read_po(file):
            yield from [message.id] if isinstance(message.id, str) else message.id


def test_messages_are_in_plain_english():
    assert found_in(messages()) == []


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_pages_are_in_plain_english(page: Path):
    assert found_in(sentences_of(page)) == []


@pytest.mark.parametrize(
    "text",
    [
        "Only who asked can turn the pages.",
        "Nothing was changed: it was all so before.",
        "As before stay 3 people.",
        "country is no number.",
        "Of {name}, born was changed since, and stays.",
        "Whom the others are to be like",
        "Look whether it was saved; else ask again.",
        "Too many people are asking, for much is under way; for it is busy.",
        "Up to 100 people at the most",
        "The directory takes its time.",
        "Somebody else was first.",
        "default is mended.",
    ],
)
def test_the_patterns_find_what_the_bot_used_to_say(text: str):
    assert found_in([text])
