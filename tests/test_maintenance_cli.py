"""The verbs backup, restore, check and reembed in a terminal."""

import json
import os
import pty
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from bot.embedding import DEFAULT_MODEL
from bot.embedding.model import path_of
from tests.conftest import ROOT
from tests.test_cli import environment, run

__all__ = ["environment", "run"]


def test_directories_are_backed_up_verified_and_restored(
    run, tmp_path: Path, environment: dict[str, str]
):
    file = tmp_path / "all.gz"
    for verb in (("backup", str(file)), ("check",)):
        done = run(*verb)
        assert done.returncode == 1 and "There are no directories yet." in done.stderr
    people = tmp_path / "people.json"
    people.write_text(json.dumps({"Ada": {"born": 1815, "description": "A programmer."}}))
    for name in ("mine", "yours"):
        assert run("import", str(people), "--directory", name).returncode == 0
    done = run("backup", str(file))
    assert (done.returncode, done.stdout) == (0, "")
    assert done.stderr == f"Backed up 2 people to {file}.\n"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    done = run("restore", str(file), "--dry-run", REDIS_URL="redis://127.0.0.1:1")
    assert done.stderr == f"{file} is intact. It has mine (1 person) and yours (1 person).\n"
    done = run("restore", str(file))
    assert done.returncode == 1 and "mine already exists" in done.stderr
    done = run("restore", str(file), "--directory", "nobody's")
    assert done.returncode == 1 and "It has mine and yours." in done.stderr
    done = run("restore", str(file), "--directory", "mine", "--replace")
    assert done.returncode == 1 and "Add --yes to confirm it in advance" in done.stderr
    done = run("restore", str(file), "--directory", "mine", "--replace", "--yes")
    assert done.returncode == 0 and "Restored mine: 1 person." in done.stderr
    shared = {"DIRECTORY_KEY": "people"}
    done = run("restore", str(file), **shared)
    assert done.returncode == 1 and "several directories (mine and yours)" in done.stderr
    assert run("restore", str(file), DATA_DIR=str(tmp_path / "new")).returncode == 0
    file.write_bytes(file.read_bytes()[:200])
    done = run("restore", str(file), "--replace", "--yes")
    assert done.returncode == 1 and done.stderr.endswith("Nothing was changed.\n")
    done = run("check", DATA_DIR=str(tmp_path / "new"))
    assert done.stdout == "".join(f"{name}: 1 person, no problems.\n" for name in ("mine", "yours"))


@pytest.mark.long
def test_reembed_switches_to_another_model(run, tmp_path: Path):
    model = tmp_path / "model"
    shutil.copytree(path_of(DEFAULT_MODEL), model)
    assert run("search", "singer", "--count", "1").returncode == 0
    done = run("search", "singer", EMBEDDING_MODEL=str(model))
    assert done.returncode == 1 and "python -m bot reembed" in done.stderr
    done = run("reembed", EMBEDDING_MODEL=str(model))
    assert done.returncode == 0, done.stderr
    assert done.stderr.startswith(f"Embedded default with {model}. Restart a bot")
    done = run("reembed", EMBEDDING_MODEL=str(model))
    assert done.stderr == f"default is already embedded with {model}.\n"
    done = run("search", "lead singer of Queen", "--count", "1", EMBEDDING_MODEL=str(model))
    assert "1. Freddie Mercury" in done.stdout
    done = run("search", "singer")
    assert done.returncode == 1 and f"embedded by {model}" in done.stderr


def run_in_terminal(typed: str, environment: dict[str, str], *arguments: str) -> tuple[int, str]:
    """Run a command in a terminal and type into it. Returns the exit code and the output."""
    our_end, their_end = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *arguments],
        cwd=ROOT,
        env=environment,
        stdin=their_end,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    os.write(our_end, f"{typed}\n".encode())
    output = process.communicate(timeout=120)[0]
    os.close(our_end)
    os.close(their_end)
    return process.returncode, output


def test_replacing_a_directory_must_be_confirmed(run, environment, tmp_path: Path):
    people = tmp_path / "people.jsonl"
    people.write_text('{"name": "Ada", "description": "A programmer."}\n')
    run("import", str(people), "--directory", "mine")
    file = tmp_path / "mine.gz"
    run("backup", str(file))
    for typed, code, expected in (
        ("mine", 0, "Restored mine"),
        ("yours", 1, "Nothing was changed."),
    ):
        returned, output = run_in_terminal(typed, environment, "restore", str(file), "--replace")
        assert "Type its name to continue:" in output
        assert returned == code and expected in output
