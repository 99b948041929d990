"""The bot in a made-up language: all of it is translated, whole, and fits Discord's limits."""

import re
from typing import Any

import pytest
from discord import app_commands

from bot.language import _
from tests.discord_limits import violations
from tests.pseudo_locale import pseudo
from tests.world import World, texts

DATA = re.compile(
    r"Marie Curie|Björk|Paul Erdős|chemist and physicist|singer|mathematician|Iceland|admin|Ada"
    r"|science|entertainer"
    r"|born|died|country|description|name"  # people, and the names of attributes
    r"|`[^`]*`|```.*?```|<[^>]*>|/\w+|\w+[=:<>]\S*|https?:\S+",  # what people type, mentions
    re.DOTALL,
)
TRANSLATED = re.compile(r"⟦[^⟦⟧]*⟧")


def untranslated(text: str) -> list[str]:
    """Return the words of a text that are neither translated nor data; nested messages are."""
    while TRANSLATED.search(text):
        text = TRANSLATED.sub("", text)
    return re.findall(r"[^\W\d_]{2,}|[⟦⟧]", DATA.sub("", text))


def labels(components: list[dict[str, Any]]) -> list[str]:
    """Return what buttons, selects and their choices say."""
    found: list[str] = []
    for component in components:
        found += [component[key] for key in ("label", "placeholder") if component.get(key)]
        found += [option["label"] for option in component.get("options", ())]
        found += labels(component.get("components", []))
        if accessory := component.get("accessory"):
            found += labels([accessory])
    return found


QUESTIONS = [
    ("whois", {"query": "singer"}),
    ("whois", {"query": "Nobody At All"}),
    ("search", {"query": "science died<2000"}),
    ("search", {"query": "born>1900 is:alive"}),
    ("search", {"query": "country=Nowhere"}),
    ("search", {"query": "born>"}),
    ("search", {"query": "contry=Iceland"}),
    ("similar", {"person": "Björk"}),
    ("similar", {"person": "Nobody"}),
    ("people", {}),
    ("random", {}),
    ("map", {}),
    ("help", {}),
    ("history", {}),
    ("undo", {"change": "1"}),
    ("attributes list", {}),
    ("privacy", {}),
]


@pytest.mark.parametrize(("command", "options"), QUESTIONS, ids=lambda value: str(value))
async def test_answers_are_translated_and_fit(
    pseudo_locale: None, world: World, command: str, options: dict[str, Any]
):
    result = await world.admin.slash(world.channel, command, **options)
    answers = [result.response, *result.followups]
    for answer in filter(None, answers):
        payload = {"content": answer.content, "components": answer.components}
        assert violations(payload) == []
        for text in [answer.content, *texts(answer.components), *labels(answer.components)]:
            assert untranslated(text or "") == [], text


async def test_commands_are_translated_and_fit(pseudo_locale: None, world: World):
    for command in world.env.bot.tree.walk_commands():
        if isinstance(command, app_commands.ContextMenu):
            continue
        described = [command.description]
        if isinstance(command, app_commands.Command):
            described += [parameter.description for parameter in command.parameters]
        for text in map(str, described):
            assert _(text) == pseudo(text), text
            assert len(_(text)) <= 100, text
