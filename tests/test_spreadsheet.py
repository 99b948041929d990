"""Exports that LibreOffice opened and saved in another format, and then as CSV again; skipped where
it isn't installed."""

import shutil
import subprocess
from pathlib import Path

import pytest

from bot.directory import Directory
from bot.files import ImportMode, export_file, make_plan, read_file
from bot.person import Kind
from tests.conftest import shared
from tests.import_helpers import import_people

pytestmark = pytest.mark.skipif(not shutil.which("soffice"), reason="needs LibreOffice Calc")

ODD = {
    "=cmd()|' /C calc'!A0": ("=1+1", "@home"),
    "-minus": ("+plus", "-5"),
    "O'Neill": ("'quoted' first", "'apostrophe"),
    "Datey": ("1/2/2003", "1/2"),
    "Truth": ("TRUE", "true"),
    "Tab\u00a0name": ('a line, with "quotes"; and more', "10:30"),
    "Ötzi": ("日本語 العربية", "$5"),
}


@pytest.fixture
async def directory(make_directories) -> Directory:
    directory = await make_directories().get_or_create("1")
    await import_people(directory, read_file(shared("nobel_laureates.jsonl")))
    for name, kind in (("alive", Kind.FLAG), ("seats", Kind.TAGS), ("height", Kind.NUMBER)):
        await directory.fields.add(name, kind)
    for name, (description, country) in ODD.items():
        values = {"alive": False, "seats": ["a", "b, c", "d;e"], "height": 1.75, "born": -44}
        await directory.people.add(name, description, {"country": country, **values})
    return directory


def save_as(file: Path, file_format: str) -> Path:
    """The file, opened and saved by LibreOffice."""
    folder = file.parent / file_format
    profile = f"-env:UserInstallation={(file.parent / 'profile').as_uri()}"
    convert = ["--headless", "--convert-to", file_format, "--outdir", str(folder)]
    command = ["soffice", profile, *convert, str(file)]
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return folder / f"{file.stem}.{file_format}"


@pytest.mark.parametrize("file_format", ["csv", "xlsx", "ods"])
async def test_an_export_saved_by_libreoffice_changes_nobody(
    directory: Directory, tmp_path: Path, file_format: str
):
    file = tmp_path / "people.csv"
    count = await export_file(directory, file)
    saved = save_as(save_as(file, file_format), "csv")
    assert saved.read_bytes() != file.read_bytes(), "LibreOffice wrote it"
    plan = await make_plan(directory, read_file(saved), ImportMode.UPDATE)
    assert (len(plan.same), plan.total, plan.refused) == (count, 0, [])


async def test_a_code_that_libreoffice_makes_a_number_is_shown_as_a_change(
    directory: Directory, tmp_path: Path
):
    await directory.people.add("James Bond", "a spy", {"country": "007"})
    file = tmp_path / "people.csv"
    await export_file(directory, file)
    plan = await make_plan(directory, read_file(save_as(file, "csv")), ImportMode.UPDATE)
    (update,) = plan.updated
    assert update.existing and update.existing.attributes["country"] == "007"
    assert update.person.attributes["country"] == "7"
