"""The layers of bot/__init__.py, held against what the modules import."""

import ast
import itertools
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

# From the top; each may import from those below it.
LAYERS = [
    {"bot.__main__"},
    {"bot.verbs"},
    {"bot.running"},
    {"bot.preview", "bot.monitor", "bot.serving"},
    {"cogs.pressed", "cogs.too_old"},
    {"cogs.fields"},
    {"cogs.search", "cogs.browse", "cogs.map", "cogs.talk", "cogs.help"},
    {"cogs.admin", "cogs.transfer", "cogs.history", "cogs.privacy", "cogs.departures"},
    {"cogs.editing", "cogs.bulk", "cogs.undoing", "cogs.importing"},
    {"cogs.asking", "cogs.forms", "cogs.question", "cogs.progress", "cogs.changes"},
    {"cogs.permissions", "cogs.completion"},
    {"cogs.pages"},
    {"cogs.cards"},
    {"cogs.leads"},
    {"bot.client"},
    {"bot.answers"},
    {"bot.upkeep", "bot.importing"},
    {"bot.terminal"},
    {"bot.transfer", "bot.backup"},
    {"bot.map"},
    {"bot.directory"},
    {"bot.embedder", "bot.redis_server"},
    {"bot.append_only"},
    {"bot.query"},
    {"bot.filters"},
    {"bot.people_file", "bot.shared_names"},
    {"bot.whole_file"},
    {"bot.person"},
    {"bot.logs", "bot.metrics"},
    {"bot.settings"},
    {"bot.errors"},
    {"bot.sentences"},
]
# What only these modules may import.
OWNERS = {
    "redis": {"bot.append_only", "bot.directory", "bot.redis_server"},
    "sentence_transformers": {"bot.embedder"},
    "transformers": {"bot.embedder"},
    "simcord": {"bot.preview"},
    "discord": {
        "bot.answers",
        "bot.client",
        "bot.preview",
        "bot.serving",
        "cogs.admin",
        "cogs.asking",
        "cogs.browse",
        "cogs.bulk",
        "cogs.cards",
        "cogs.completion",
        "cogs.departures",
        "cogs.editing",
        "cogs.fields",
        "cogs.forms",
        "cogs.help",
        "cogs.history",
        "cogs.importing",
        "cogs.leads",
        "cogs.map",
        "cogs.pages",
        "cogs.permissions",
        "cogs.pressed",
        "cogs.privacy",
        "cogs.progress",
        "cogs.question",
        "cogs.search",
        "cogs.talk",
        "cogs.too_old",
        "cogs.undoing",
        "cogs.transfer",
    },
    "typer": {"bot.__main__"},
    "aiohttp": {"bot.answers", "bot.client", "bot.monitor", "bot.serving"},
    "rich": {"bot.importing", "bot.terminal"},
    "dotenv": {"bot.settings"},
    "prometheus_client": {"bot.metrics", "bot.monitor"},
    "numpy": {"bot.directory", "bot.embedder", "bot.map"},
    "PIL": {"bot.map"},
}


def module_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:2])  # a folder is one module to the others


FILES = [
    path
    for folder in ("bot", "cogs")
    for path in sorted((ROOT / folder).rglob("*.py"))
    if path != ROOT / folder / "__init__.py"
]

MODULES = {module_of(path) for path in FILES}


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are absolute"
            assert node.module
            found.update(
                f"{node.module}.{name.name}" if node.module in ("bot", "cogs") else node.module
                for name in node.names
            )
    return found


def level(module: str) -> int:
    return next(number for number, layer in enumerate(LAYERS) if module in layer)


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_imports_only_from_below(path: Path):
    module = module_of(path)
    for name in imports(path):
        if name.split(".")[0] in ("bot", "cogs"):
            other = ".".join(name.split(".")[:2])
            assert other == module or level(other) > level(module), (
                f"{module} imports {other}, which is not below it"
            )


@pytest.mark.parametrize("path", FILES, ids=lambda path: str(path.relative_to(ROOT)))
def test_libraries_stay_with_their_owners(path: Path):
    for name in imports(path):
        owners = OWNERS.get(name.split(".")[0])
        assert owners is None or module_of(path) in owners, f"{path} imports {name}"


def test_every_module_has_a_layer():
    assert set().union(*LAYERS) == MODULES


def test_the_docstring_lists_the_modules_in_their_order():
    docstring = ast.get_docstring(ast.parse((ROOT / "bot" / "__init__.py").read_text())) or ""
    rows = [line.split("  ")[0] for line in docstring.splitlines() if "  " in line]
    listed = [{name.strip(" /") for name in re.split("[·→]", row)} for row in rows]
    assert set().union(*listed) - {"cogs"} == {
        module.removeprefix("bot.") for module in MODULES if module.startswith("bot.")
    }
    depths = [[level(f"bot.{name}") for name in row if name != "cogs"] for row in listed]
    for above, below in itertools.pairwise(filter(None, depths)):
        assert max(above) < min(below)
