"""Messages in the language of whoever reads them, and the catalogue that translators get."""

import asyncio
import contextvars
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from bot import language
from bot.language import (
    _,
    format_list,
    format_number,
    languages_of_environment,
    ngettext,
    use_languages,
)
from tests.pseudo_locale import LANGUAGE, forget_translations, write_pseudo_locale

ROOT = Path(__file__).parent.parent
TEMPLATE = ROOT / "bot" / "locale" / "bot.pot"
KEYWORDS = {"_": None, "ngettext": (1, 2), "locale_str": None}
HELLO = """
msgid "Hello, {name}."
msgstr ""

msgid "{count} person"
msgid_plural "{count} people"
msgstr[0] ""
msgstr[1] ""
"""


@pytest.fixture
def pseudo_language(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Make a translation of two messages."""
    template = tmp_path / "bot.pot"
    template.write_text(HELLO)
    write_pseudo_locale(template, tmp_path)
    monkeypatch.setattr(language, "LOCALE_DIR", tmp_path)
    forget_translations()
    yield
    forget_translations()


def in_language(*languages: str):
    """Return what messages, numbers and lists look like in the first language there is."""

    def show() -> tuple[str, str, str, str]:
        use_languages(*languages)
        return (
            _("Hello, {name}.", name="Ada {x}"),
            ngettext("{count} person", "{count} people", 12345),
            format_number(1234567),
            format_list(["Ada", "Bo"]),
        )

    return contextvars.copy_context().run(show)


ENGLISH = ("Hello, Ada {x}.", "12,345 people", "1,234,567", "Ada and Bo")


@pytest.mark.parametrize(
    "languages",
    [(), ("en",), ("en-US",), ("de", "fr"), ("en_GB.UTF-8", LANGUAGE), ("C",), ("nonsense",)],
)
def test_english_is_spoken_without_a_translation(pseudo_language: None, languages: tuple[str]):
    assert in_language(*languages) == ENGLISH


@pytest.mark.parametrize("languages", [(LANGUAGE,), ("fi_XX.UTF-8", "en"), ("de", LANGUAGE)])
def test_the_first_language_with_a_translation_is_spoken(
    pseudo_language: None, languages: tuple[str]
):
    hello, people, number, names = in_language(*languages)
    assert hello == "⟦Ĥéĺĺö, Ada {x}.~~~~~~⟧"
    assert people == "⟦12_345 péöpĺé~~~~~~⟧".replace("_", "\N{NO-BREAK SPACE}")
    assert number == "1_234_567".replace("_", "\N{NO-BREAK SPACE}")
    assert names == "Ada ja Bo"


async def test_tasks_speak_their_own_language(pseudo_language: None):
    async def speak(code: str) -> str:
        use_languages(code)
        await asyncio.sleep(0)
        return _("Hello, {name}.", name="Ada")

    english, other = await asyncio.gather(speak("en"), speak(LANGUAGE))
    assert english == "Hello, Ada."
    assert other.startswith("⟦")


@pytest.mark.parametrize(
    ("variables", "languages"),
    [
        ({"LANGUAGE": "de:fr", "LANG": "en_US.UTF-8"}, ("de", "fr")),
        ({"LANG": "pt_BR.UTF-8"}, ("pt_BR.UTF-8",)),
        ({"LC_ALL": "C", "LANG": "de_DE"}, ("C",)),
        ({}, ()),
    ],
)
def test_the_terminal_speaks_the_language_of_the_environment(
    monkeypatch: pytest.MonkeyPatch, variables: dict[str, str], languages: tuple[str]
):
    for name in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert languages_of_environment() == languages


def test_translators_get_every_message():
    """If this fails, run ``make messages``."""
    with TEMPLATE.open("rb") as file:
        collected = {str(message.id) for message in read_po(file) if message.id}
    catalog = Catalog()
    for folder in ("bot", "cogs"):
        found = extract_from_dir(ROOT / folder, [("**.py", "python")], keywords=KEYWORDS)
        for _file, _line, message, _comments, _context in found:
            catalog.add(message)
    assert collected == {str(message.id) for message in catalog if message.id}
