"""What a newcomer relies on when reading the tree: folders say what is in them, names are unique,
and inheritance is shallow."""

import ast
import re
from collections import defaultdict
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
FOLDERS = [
    path.parent for top in ("bot", "cogs") for path in sorted((ROOT / top).rglob("__init__.py"))
]
ENTRIES_MAX = 20  # of bot/: as many as a reader takes in at a glance


def modules_of(folder: Path) -> set[str]:
    """The names of a folder's modules (``names.py``), subfolders (``redis/``) and Lua files."""
    files = {path.name for path in folder.iterdir() if path.suffix in (".py", ".lua")}
    folders = {f"{path.parent.name}/" for path in folder.glob("*/__init__.py")}
    return (files | folders) - {"__init__.py"}


def listed_in(folder: Path) -> set[str]:
    """The names at the start of the lines of a folder's docstring, before two or more spaces."""
    docstring = ast.get_docstring(ast.parse((folder / "__init__.py").read_text())) or ""
    rows = re.findall(r"^(\S.*?)  +\S", docstring, re.MULTILINE)
    names = {name.strip() for row in rows for name in row.split("·")}
    return names - {"cogs/"}  # a layer of the list in bot/, beside it as a folder


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_folder_lists_exactly_its_modules(folder: Path):
    without_suffix = {name.removesuffix(".py") for name in modules_of(folder)}
    assert listed_in(folder) in (modules_of(folder), without_suffix)


def test_the_top_level_can_be_taken_in_at_a_glance():
    assert len(modules_of(ROOT / "bot") | {"__init__.py"}) <= ENTRIES_MAX + 1


def classes() -> dict[str, list[tuple[Path, list[str]]]]:
    """Where each class of ours is defined, and the names of its bases."""
    found: dict[str, list[tuple[Path, list[str]]]] = defaultdict(list)
    for folder in ("bot", "cogs"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.ClassDef):
                    bases = [ast.unparse(base).partition("[")[0] for base in node.bases]
                    found[node.name].append((path, [base.rpartition(".")[2] for base in bases]))
    return found


def test_no_two_classes_share_a_name():
    twice = {
        name: [str(path.relative_to(ROOT)) for path, _ in places]
        for name, places in classes().items()
        if len(places) > 1
    }
    assert not twice


def test_no_class_inherits_from_another_of_ours_more_than_once_removed():
    """Except errors, whose tree is the point, and views, which discord.py builds by inheritance."""
    ours = classes()

    def ancestors(name: str) -> list[str]:
        """The longest chain of our own classes above one, the nearest first."""
        if name not in ours:
            return []
        chains = [[base, *ancestors(base)] for base in ours[name][0][1] if base in ours]
        return max(chains, key=len, default=[])

    deep = {name: ancestors(name) for name in ours if len(ancestors(name)) > 1}
    exempt = {"DirectoryError", "AnswerView", "Form"}
    assert {name: chain for name, chain in deep.items() if not exempt & set(chain)} == {}


@pytest.mark.parametrize("page", ["docs/architecture.md", "CONTRIBUTING.md"])
def test_the_pages_about_the_code_name_files_that_exist(page: str):
    files = {
        str(path.relative_to(ROOT))
        for top in ("bot", "cogs", "tests", "docs")
        for path in (ROOT / top).rglob("*.*")
    }
    named = re.findall(r"`([\w/]+\.(?:py|lua))`", (ROOT / page).read_text())
    assert len(named) > 5
    for name in named:
        assert any(file == name or file.endswith(f"/{name}") for file in files), name
