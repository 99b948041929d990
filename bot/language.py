"""The language in which the bot speaks to a person: messages, numbers and lists.

A message stands where it is used, as ``_("Added {name}.", name=name)``: the English text is the key
under which gettext finds the translation. ``make messages`` collects these texts in
``bot/locale/bot.pot``; a translation is ``bot/locale/de/LC_MESSAGES/bot.mo``, made from that file.
English needs none. What people type is the same in every language (``is:alive``, ``44 BC``), and
so is what operators read: the log, the settings, the counters.
"""

import gettext
import os
from collections.abc import Iterable
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Literal

LOCALE_DIR = Path(__file__).parent / "locale"
ENGLISH = "en"

_languages: ContextVar[tuple[str, ...]] = ContextVar("languages", default=())


def use_languages(*languages: str) -> None:
    """Speak the first of these languages that there is a translation for, in the current context.

    *languages* are locales as Discord or the environment name them: ``de``, ``pt-BR``,
    ``en_US.UTF-8``. Without a translation the bot speaks English.
    """
    _languages.set(languages)


def languages_of_environment() -> tuple[str, ...]:
    """Return the languages of the terminal, by LANGUAGE, LC_ALL, LC_MESSAGES or LANG."""
    for variable in ("LANGUAGE", "LC_ALL", "LC_MESSAGES", "LANG"):
        if languages := os.environ.get(variable):
            return tuple(languages.split(":"))
    return ()


def _(message: str, /, **values: object) -> str:
    """Return a message in the current language, with its placeholders filled in.

    Whole numbers are formatted for that language (1,234); give a number that isn't a quantity,
    such as a year or an id, as text.
    """
    text = _translations(_languages.get()).gettext(message)
    return text.format(**_formatted(values)) if values else text


def ngettext(singular: str, plural: str, count: int, /, **values: object) -> str:
    """Return the form of a message for *count*, which the message may name ``{count}``."""
    text = _translations(_languages.get()).ngettext(singular, plural, count)
    return text.format(**_formatted({"count": count, **values}))


def translation(message: str, language: str) -> str | None:
    """Return a message in one language, or None if it has no translation."""
    translated = _translations((language,)).gettext(message)
    return None if translated == message else translated


def format_number(number: float) -> str:
    """Format a quantity: 1,234 or 1.5 in English."""
    from babel.numbers import format_decimal

    return format_decimal(number, locale=_babel_locale(_languages.get()))


def preload() -> None:
    """Load what formats numbers, about 40 ms, so that the first answer doesn't wait for it."""
    format_number(0)


def format_percent(percent: int) -> str:
    """Format a share, given in percent: 33% in English."""
    from babel.numbers import format_percent

    return format_percent(percent / 100, locale=_babel_locale(_languages.get()))


def current_locale() -> str:
    """Return the locale of the messages, to tell apart what is made in different languages."""
    return _babel_locale(_languages.get())


def format_list(items: Iterable[str], style: Literal["standard", "or"] = "standard") -> str:
    """Join items as in a sentence: "a, b, and c", or with *style* "or": "a, b, or c"."""
    from babel.lists import format_list

    return format_list(list(items), style=style, locale=_babel_locale(_languages.get()))


def _formatted(values: dict[str, object]) -> dict[str, object]:
    return {
        name: format_number(value) if isinstance(value, int) else value
        for name, value in values.items()
    }


@lru_cache
def _translations(languages: tuple[str, ...]) -> gettext.NullTranslations:
    codes: list[str] = []
    for language in languages:
        code = language.partition(".")[0].replace("-", "_")
        if code in (ENGLISH, "en_US", "en_GB", "C", "POSIX"):
            break  # English needs no translation, and is preferred to the languages after it
        codes.append(code)
    if not codes:
        return gettext.NullTranslations()
    return gettext.translation("bot", LOCALE_DIR, codes, fallback=True)


@lru_cache
def _babel_locale(languages: tuple[str, ...]) -> str:
    """Return the locale of the translation in use, so that numbers suit the words around them."""
    return _translations(languages).info().get("language", ENGLISH)
