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
    {"bot.cli"},
    {"bot.preview", "bot.health"},
    {"cogs.presses"},
    {"cogs.attributes"},
    {"cogs.search", "cogs.browse", "cogs.map", "cogs.mentions"},
    {"cogs.help"},
    {"cogs.people", "cogs.import_export", "cogs.history", "cogs.privacy", "cogs.left_servers"},
    {"cogs.person_edit", "cogs.bulk_edit", "cogs.import_view"},
    {"cogs.results", "cogs.forms", "cogs.confirmation", "cogs.progress", "cogs.history_text"},
    {"cogs.permissions"},
    {"cogs.autocomplete"},
    {"cogs.paging"},
    {"cogs.cards"},
    {"cogs.buttons"},
    {"bot.client"},
    {"bot.interactions"},
    {"bot.map"},
    {"bot.maintenance"},
    {"bot.files"},
    {"bot.directory"},
    {"bot.embedding", "bot.embedded_redis"},
    {"bot.query"},
    {"bot.person"},
    {"bot.logs", "bot.metrics"},
    {"bot.settings"},
    {"bot.errors"},
    {"bot.language"},
]
# What only these modules may import; "cogs" is all of cogs/.
OWNERS = {
    "redis": {"bot.directory", "bot.embedded_redis"},
    "sentence_transformers": {"bot.embedding"},
    "transformers": {"bot.embedding"},
    "simcord": {"bot.preview"},
    "discord": {"bot.interactions", "bot.client", "bot.preview", "bot.cli", "cogs"},
    "typer": {"bot.__main__"},
    "aiohttp": {"bot.interactions", "bot.client", "bot.health", "bot.cli"},
    "rich": {"bot.cli"},
    "dotenv": {"bot.settings"},
    "prometheus_client": {"bot.metrics", "bot.health"},
    "numpy": {"bot.directory", "bot.embedding", "bot.maintenance", "bot.map"},
    "PIL": {"bot.map"},
    "rapidfuzz": {"bot.person"},
    "babel": {"bot.language"},
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
    """What a module imports when it runs, not what only its types need."""
    tree = ast.parse(path.read_text())
    typing_blocks = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING"
    ]
    typing_only = {id(node) for block in typing_blocks for node in ast.walk(block)}
    found: set[str] = set()
    for node in ast.walk(tree):
        if id(node) in typing_only:
            continue
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
        module = module_of(path)
        assert owners is None or {module, module.split(".")[0]} & owners, f"{path} imports {name}"


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
