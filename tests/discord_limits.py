"""What Discord accepts in a payload, and which parts of a text it would show as markdown."""

import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from simcord.preview._markdown import markdown_tokens

TEXT_MAX = 4000  # characters over all text displays
TEXT_BYTES_MAX = 10_170
COMPONENTS_MAX = 40

ROW, BUTTON, SELECT, SECTION, TEXT, THUMBNAIL, GALLERY, FILE, SEPARATOR, CONTAINER = (
    *(1, 2, 3, 9, 10, 11, 12, 13, 14, 17),
)
INPUT, LABEL = 4, 18

CODE = re.compile(r"```.*?```|(?<!\\)`[^`\n]+`", re.DOTALL)
ESCAPE = re.compile(r"\\[^0-9A-Za-z\s]")
OUR_MARKDOWN = re.compile(r"^(?:-# |#{1,3} )|\*\*|^- |<t:\d{10}:[RD]>", re.MULTILINE)
"""Markdown that the bot writes itself."""

ACTIVE_MARKDOWN = re.compile(
    r"[*_~|`\[\]]|<[@#:/a-z]|@(?:everyone|here)|\w+://|(?:discord|discordapp)\.\w+/"
    r"|^\s*(?:[-+] |#+ |>|\d+\. )|:[\w+-]+:",
    re.MULTILINE | re.IGNORECASE,
)
"""What Discord would show as something other than text."""

INVISIBLE_MARKS = re.compile("[\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]")
ISOLATE_DEPTHS = {"\u2066": 1, "\u2067": 1, "\u2068": 1, "\u2069": -1}


def walk(components: Any) -> Iterator[dict[str, Any]]:
    """Yield all components, also nested ones, as Discord counts them."""
    for component in components:
        yield component
        yield from walk(component.get("components", ()))
        for inside in ("accessory", "component"):
            if inside in component:
                yield from walk([component[inside]])


def displayed_text(components: Any) -> str:
    return "\n".join(c["content"] for c in walk(components) if c["type"] == TEXT)


def violations(message: dict[str, Any]) -> list[str]:
    """Return why Discord would refuse a message, a modal or choices; empty if it accepts it."""
    return list(_violations(message))


def _violations(message: dict[str, Any]) -> Iterator[str]:
    components = list(walk(message.get("components") or ()))
    kinds = [component["type"] for component in components]
    if len(components) > COMPONENTS_MAX:
        yield f"{len(components)} components"
    text = "".join(c["content"] for c in components if c["type"] == TEXT)
    if len(text) > TEXT_MAX or len(text.encode()) > TEXT_BYTES_MAX:
        yield f"{len(text)} characters, {len(text.encode())} bytes of text"
    if len(message.get("content") or "") > 2000:
        yield "content"
    if message.get("content") and TEXT in kinds:
        yield "content beside components of version 2"
    ids = [c["custom_id"] for c in components if "custom_id" in c]
    for number in {number for number in ids if ids.count(number) > 1}:
        yield f"twice {number!r}"
    if "title" in message and not 1 <= len(message["title"].strip()) <= 45:
        yield f"title {message['title']!r}"
    if "title" in message and not 1 <= len(message["components"]) <= 5:
        yield "rows of a modal"
    choices = message.get("choices") or ()
    if len(choices) > 25:
        yield "choices"
    for choice in choices:
        if not all(1 <= len(choice[key].strip()) <= 100 for key in ("name", "value")):
            yield f"choice {choice}"
    for component in components:
        yield from _of_component(component)


def _of_component(c: dict[str, Any]) -> Iterator[str]:
    inside = [child["type"] for child in c.get("components", ())]
    units = len(c.get("custom_id", "x").encode("utf-16-le")) // 2
    if not 1 <= units <= 100:
        yield f"custom id {c['custom_id']!r}"
    match c["type"]:
        case 1 if not ((set(inside) == {BUTTON} and len(inside) <= 5) or inside == [SELECT]):
            yield f"a row of {inside}"
        case 2 if not 1 <= len((c.get("label") or "").strip()) <= 80:
            yield f"label {c.get('label')!r}"
        case 3:
            options = c["options"]
            values = [option["value"] for option in options]
            if not 1 <= len(options) <= 25 or len(set(values)) < len(values):
                yield f"{len(options)} options"
            for option in options:
                if not all(1 <= len(option[key].strip()) <= 100 for key in ("label", "value")):
                    yield f"option {option}"
            if len(c.get("placeholder") or "") > 150:
                yield "placeholder"
        case 9 if set(inside) != {TEXT} or len(inside) > 3 or not c.get("accessory"):
            yield f"section of {inside}"
        case 9 if c["accessory"]["type"] not in (BUTTON, THUMBNAIL):
            yield f"section beside {c['accessory']}"
        case 10 if not INVISIBLE_MARKS.sub("", c["content"]).strip():
            yield "empty text"
        case 11:
            yield from _of_media(c, 256)
        case 12:
            if not 1 <= len(c["items"]) <= 10:
                yield "items of a gallery"
            for item in c["items"]:
                yield from _of_media(item, 1024)
        case 13 if not c["file"]["url"].startswith("attachment://"):
            yield f"file {c['file']}"
        case 17 if not inside:
            yield "empty container"
        case 18 if len(c["label"]) > 45 or len(c.get("description") or "") > 100:
            yield f"label of an input {c}"
        case 4 if len(c.get("value") or "") > c.get("max_length", 4000):
            yield f"value of {len(c['value'])} in an input of {c['max_length']}"
        case 4 if not 1 <= c.get("max_length", 4000) <= 4000:
            yield f"input of {c['max_length']}"
        case kind if kind not in (1, 2, 3, 4, 9, 10, 11, 12, 13, 14, 17, 18):
            yield f"kind {kind}"


def _of_media(item: dict[str, Any], most: int) -> Iterator[str]:
    description = item.get("description")
    if description is not None and not 1 <= len(description.strip()) <= most:
        yield f"description of {len(description)}"
    url = item["media"]["url"]
    if url.startswith("attachment://"):
        return
    parts = urlsplit(url)
    fine = re.fullmatch(r"[\w\-.~:/?#\[\]@!$&'()*+,;=%]+", url, re.ASCII)
    host = re.fullmatch(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z0-9-]+", parts.hostname or "")
    port = parts.port is None or 0 < parts.port < 65536
    if not (fine and host and port and parts.scheme in ("http", "https") and len(url) <= 2048):
        yield f"media {url!r}"
    if "@" in parts.netloc:
        yield f"media with a user {url!r}"


def active_markdown(text: str) -> list[str]:
    """Return what Discord would not show as plain text, other than the bot's own markdown.

    That includes text direction that isn't ended in its line.
    """
    outside = OUR_MARKDOWN.sub("own", ESCAPE.sub("\u00b7", CODE.sub("code", text)))
    found = ACTIVE_MARKDOWN.findall(outside)
    for line in text.split("\n"):
        depth = 0
        for character in line:
            depth += ISOLATE_DEPTHS.get(character, 0)
            if depth < 0 or character in "\u202a\u202b\u202c\u202d\u202e":
                found.append(f"direction {line!r}")
                break
        if depth > 0:
            found.append(f"open direction {line!r}")
    return found


def _render_tokens(tokens: list[dict[str, Any]], kinds: set[str]) -> str:
    """Return the text of simcord's tokens, and add their types to *kinds*."""
    parts = []
    for token in tokens:
        kinds.add(token["type"])
        if token["type"] in ("text", "code", "code_block"):
            parts.append(token["content"])
        elif token["type"] == "break":
            parts.append("\n")
        elif "label" in token:
            parts.append(token["label"])
        parts.append(_render_tokens(token.get("children", []), kinds))
    return "".join(parts)


class AnyMention(dict):
    """A mapping with every key, so that every possible mention is one."""

    def __init__(self, name: Any) -> None:
        super().__init__()
        self._name = name

    def get(self, key: object, default: Any = None) -> Any:
        return self._name(key) if callable(self._name) else self._name

    def __bool__(self) -> bool:
        return True


CONTEXT: dict[str, Any] = {
    "users": AnyMention("somebody"),
    "roles": AnyMention("role"),
    "channels": AnyMention("channel"),
    "commands": AnyMention("whois"),
    "emojis": AnyMention({"name": "custom", "animated": False}),
    "everyone": True,
}


def render(text: str) -> tuple[str, set[str]]:
    """Return a text as simcord's page shows it, and the types of its tokens."""
    kinds: set[str] = set()
    return _render_tokens(markdown_tokens(text, "text_display", context=CONTEXT), kinds), kinds
