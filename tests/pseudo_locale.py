"""A made-up language for tests: every message of the bot accented, longer, and in brackets.

What is shown without brackets was not translated; a bracket inside another, or text between two,
was put together from pieces; a missing end bracket was cut off.
"""

import re
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from bot import language

LANGUAGE = "fi"  # in place of a language that the bot doesn't have
ACCENTED = str.maketrans("aceghijlnorsuwyzACEGHIJLNORSUWYZ", "áçéĝĥíĵĺñöŕšúŵýžÁÇÉĜĤÍĴĹÑÖŔŠÚŴÝŽ")
LONGER = 0.4
KEPT = re.compile(
    r"\{[^{}]*\}"  # placeholders
    r"|`[^`]*`"  # what people type
    r"|</?[\w :{}]+>|/[a-z]+\b"  # commands
    r"|https?://\S+"
)


def pseudo(text: str) -> str:
    """Translate a message: ``[Ádd {name} ~~~]``."""
    parts = []
    start = 0
    for kept in KEPT.finditer(text):
        parts += [text[start : kept.start()].translate(ACCENTED), kept.group()]
        start = kept.end()
    parts.append(text[start:].translate(ACCENTED))
    return f"⟦{''.join(parts)}{'~' * round(len(text) * LONGER)}⟧"


def write_pseudo_locale(template: Path, locale_dir: Path) -> None:
    """Translate the messages of a .pot file, and write them where gettext looks for them."""
    with template.open("rb") as file:
        messages = read_po(file)
    catalog = Catalog(locale=LANGUAGE, domain="bot")
    for message in messages:
        if not message.id:
            continue
        ids = message.id
        translated = pseudo(ids) if isinstance(ids, str) else tuple(pseudo(each) for each in ids)
        catalog.add(ids, translated, flags=message.flags)
    target = locale_dir / LANGUAGE / "LC_MESSAGES" / "bot.mo"
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("wb") as file:
        write_mo(file, catalog)


class _Always:
    """The languages of every context, in place of a context variable."""

    def get(self) -> tuple[str, ...]:
        return (LANGUAGE,)

    def set(self, languages: tuple[str, ...]) -> None:
        """Don't listen: the simulated Discord always names English."""


def speak_pseudo_locale(locale_dir: Path) -> None:
    """Speak the made-up language from now on, whatever language is asked for."""
    write_pseudo_locale(language.LOCALE_DIR / "bot.pot", locale_dir)
    language.LOCALE_DIR = locale_dir
    language._languages = _Always()  # type: ignore[assignment]
    forget_translations()


def forget_translations() -> None:
    """Let the next message look for its translation again."""
    language._translations.cache_clear()
    language._babel_locale.cache_clear()
