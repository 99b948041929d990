"""The command line, as its own process."""

import fcntl
import json
import logging
import os
import pty
import re
import signal
import subprocess
import sys
import termios
import time
import urllib.request
from contextlib import suppress
from pathlib import Path
from typing import NamedTuple

import pytest
import redis

from bot.embedded_redis import EmbeddedRedis
from bot.logs import configure_logging
from bot.settings import Settings
from tests.conftest import ROOT


@pytest.fixture
def environment(tmp_path: Path) -> dict[str, str]:
    clean = {k: v for k, v in os.environ.items() if k not in ("DISCORD_TOKEN", "REDIS_URL")}
    return {**clean, "DATA_DIR": str(tmp_path / "data"), "NO_COLOR": "1", "COLUMNS": "200"}


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


@pytest.fixture
def run(environment: dict[str, str]):
    def run(*arguments: str, stdin: str | bytes = b"", **variables: str):
        data = stdin.encode("utf-8", "surrogateescape") if isinstance(stdin, str) else stdin
        done = subprocess.run(
            [sys.executable, "-m", "bot", *arguments],
            cwd=ROOT,
            env={**environment, **variables},
            input=data,
            capture_output=True,
            timeout=120,
        )
        return Done(done.returncode, done.stdout.decode(), done.stderr.decode())

    return run


@pytest.mark.parametrize("name", ["discord.gateway", "discord.http", "discord.webhook.async_"])
def test_no_level_logs_what_discord_sends(name: str):
    configure_logging(Settings(log_level="DEBUG"), serving=True)
    assert not logging.getLogger(name).isEnabledFor(logging.DEBUG)


def test_search_the_starter_set(run):
    done = run("search", "lead singer of Queen", "--count", "2")
    assert done.returncode == 0, done.stderr
    assert "1. Freddie Mercury 1946–1991" in done.stdout
    assert done.stdout.startswith("lead singer of Queen\n")
    assert done.stderr == ""


def test_many_queries_as_json(run):
    queries = [
        "science died<2000",
        "",
        "known_for=chess",
        "dead<2000",
        "(" * 10_000,
        "a\0b",
        "🎸",
        "شاعر",
        'rock "died<2000"',
    ]
    lines = "\n".join(queries).encode() + b"\n\xff\xfe broken\r\nactors\n"
    done = run("search", "--json", "-", "--count", "3", stdin=lines)
    assert done.returncode == 0, done.stderr
    answers = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(answers) == len(queries) + 2
    assert [answer["query"] for answer in answers[:9]] == queries
    first = answers[0]
    assert list(first) == ["query", "words", "filter", "notes", "total", "matches"]
    assert (first["words"], first["filter"]) == ("science", "died<2000")
    assert first["matches"][0].keys() == {"name", "score", "description", "attributes"}
    assert len(first["matches"]) == 3
    errors = [number for number, answer in enumerate(answers) if "error" in answer]
    assert errors == [1, 3, 4, 5, 6]
    assert answers[3]["position"] == 0 and "Did you mean died?" in answers[3]["error"]
    assert answers[2]["words"] == "" and answers[2]["filter"] == "known_for:chess"
    assert answers[2]["matches"][0]["score"] is None
    assert answers[-1]["query"] == "actors"


def test_what_is_understood_can_be_explained(run):
    asked = "French writers who died before 2000"
    lines = run("search", asked, "--count", "1", "--explain").stdout.splitlines()
    assert lines[:3] == [
        "words     writers",
        "filter    country:France died<2000",
        'Redis     (.country == "france" and (.died != null and .died < 2000))',
    ]
    assert lines[3].startswith("strategy  exact scan")
    assert re.fullmatch(r"time      parse [\d.]+ ms, embed [\d.]+ ms, search [\d.]+ ms", lines[4])
    assert lines[5] == "writers · country:France · died<2000"
    assert "--literal" in lines[6] and lines[7].startswith("  1. ")
    literal = json.loads(run("search", asked, "--literal", "--json", "--explain").stdout)
    assert (literal["words"], literal["filter"]) == (asked, None)
    assert literal["explain"]["filter"] == "none" and literal["explain"]["Redis"] == "no FILTER"


def test_a_value_that_nobody_has_is_pointed_out(run):
    done = run("search", "country:usa")
    assert done.stdout.splitlines() == [
        "country:usa  (0 in total)",
        'Nobody here has country:usa. Did you mean country:"United States"?',
        "Nobody.",
    ]


def test_one_bad_query(run):
    done = run("search", "--json", "dead<2000", STARTER_SET="")
    assert done.returncode == 1
    assert json.loads(done.stdout)["position"] == 0
    done = run("search", "science dead<2000", STARTER_SET="")
    assert done.returncode == 1 and done.stdout == ""
    assert "science dead<2000\n        ^" in done.stderr and "Traceback" not in done.stderr


def test_import_export_and_directories(run, tmp_path: Path):
    people = tmp_path / "people.json"
    people.write_text(json.dumps({"Ada": {"born": 1815, "description": "A programmer."}, "B": 1}))
    done = run("import", str(people), "--directory", "mine")
    assert done.returncode == 0, done.stderr
    assert done.stdout == ""
    assert "1 to add · 1 refused" in done.stderr and "person 2" in done.stderr
    assert "Added 1 person." in done.stderr and "This is change #1." in done.stderr
    done = run("search", "born<1900", "--directory", "mine", "--json")
    assert [match["name"] for match in json.loads(done.stdout)["matches"]] == ["Ada"]
    done = run("search", "born<1900", "--directory", "yours")
    assert done.returncode == 1
    assert "no directory called yours. The directories are mine." in done.stderr
    exported = tmp_path / "out.jsonl"
    done = run("export", str(exported), "--directory", "mine")
    assert done.returncode == 0
    assert json.loads(exported.read_text())["name"] == "Ada"
    done = run("import", str(tmp_path / "none.json"), "--directory", "other")
    assert done.returncode == 1 and "No such file" in done.stderr
    done = run("search", "x", "--directory", "other")
    assert "no directory called other" in done.stderr, "a failed import makes no directory"


def crowd(path: Path, count: int) -> Path:
    people = [
        {"name": f"P {n}", "description": f"singer {n}", "born": n % 1900} for n in range(count)
    ]
    path.write_text(json.dumps(people))
    return path


def test_a_dry_run_makes_nothing(run, tmp_path: Path):
    file, refused = tmp_path / "people.csv", tmp_path / "refused.csv"
    file.write_text("name,description,born,prize\nAda,programmer,1815,3\nBad,x,soon,\n")
    mine = ("import", str(file), "--directory", "mine", "--dry-run")
    done = run(*mine, "--mode", "replace", "--refused", str(refused))
    assert done.returncode == 0, done.stderr
    assert "1 to add · 1 refused" in done.stderr and "Nothing changed" in done.stderr
    assert "New attribute: prize (number)." in done.stderr
    assert "line 3 (Bad)" in refused.read_text("utf-8-sig")
    itself, before = run(*mine, "--refused", str(file)), file.read_bytes()
    assert itself.returncode == 1 and "is the file to import" in itself.stderr
    assert file.read_bytes() == before and b"Ada" in before
    assert "no directory called mine" in run("search", "x", "--directory", "mine").stderr


def test_replacing_all_asks_first(run, tmp_path: Path):
    run("import", str(crowd(tmp_path / "a.json", 3)), "--directory", "mine")
    other = tmp_path / "b.json"
    other.write_text(json.dumps({"Ada": {"description": "A programmer."}}))
    replace = ("import", str(other), "--mode", "replace", "--directory", "mine")
    for typed in ("", "yes\n"):
        done = run(*replace, stdin=typed)
        assert done.returncode == 1 and "removes 3 people from mine" in done.stderr
        assert "You didn't type mine" in done.stderr
    assert (
        json.loads(run("search", "born<3000", "--json", "--directory", "mine").stdout)["total"] == 3
    )
    done = run(*replace, stdin="mine\n")
    assert done.returncode == 0 and "Added 1 person. Removed 3 people." in done.stderr, done.stderr
    again = run(*replace, "--yes")
    assert again.returncode == 0 and "Nothing to change." in again.stderr


def test_a_file_whose_name_is_no_text(run, tmp_path: Path):
    file = tmp_path / os.fsdecode(b"H\xfcbner.csv")
    file.write_text("name,description\nAda,A programmer\n")
    done = run("import", str(file), "--directory", "mine")
    assert done.returncode == 0 and "Added 1 person." in done.stderr, done.stderr


@pytest.mark.parametrize(("typed", "code"), [(b"\x03", 130), (b"\x04", 1), (b"other\n", 1)])
def test_a_restore_that_is_not_confirmed_replaces_nothing(
    environment: dict[str, str], run, tmp_path: Path, typed: bytes, code: int
):
    """By Ctrl-C, Ctrl-D, or another name than the directory's."""
    file = str(tmp_path / "people.gz")
    assert run("import", str(crowd(tmp_path / "a.json", 3)), "--directory", "mine").returncode == 0
    assert run("backup", file, "--directory", "mine").returncode == 0
    ours, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "restore", file, "--replace"],
        cwd=ROOT,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),
    )
    os.close(theirs)
    shown = b""
    with process, os.fdopen(ours, "r+b", buffering=0) as terminal:
        while b"Type its name" not in shown:
            shown += terminal.read(1000)
        terminal.write(typed)
        with suppress(OSError):  # the terminal's other end is closed
            while more := terminal.read(1000):
                shown += more
        assert process.wait(60) == code, shown
    assert b"Traceback" not in shown and b"restored" not in shown


def test_interrupted_at_the_question_it_says_that_nothing_was_changed(
    environment: dict[str, str], tmp_path: Path
):
    command = ("import", str(crowd(tmp_path / "a.json", 3)), "--mode", "replace")
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *command, "--directory", "mine"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stderr
        while "Type mine to continue." not in process.stderr.readline():
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        assert process.stderr.read().endswith("Nothing changed.\n")
        assert process.wait(60) == 130


def test_who_is_there_since_the_question_is_asked_about(
    environment: dict[str, str], run, tmp_path: Path
):
    late = tmp_path / "late.csv"
    late.write_text("name,description\nLate Comer,somebody\n")
    run("import", str(late), "--directory", "mine")
    command = ("import", str(crowd(tmp_path / "a.json", 3)), "--mode", "replace")
    with subprocess.Popen(
        [sys.executable, "-m", "bot", *command, "--directory", "mine"],
        cwd=ROOT,
        env=environment,
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdin and process.stderr
        while "removes 1 person from mine" not in process.stderr.readline():
            assert process.poll() is None
        late.write_text("name,description\nLater Comer,somebody\n")
        run("import", str(late), "--directory", "mine")
        process.stdin.write("mine\n")
        process.stdin.flush()
        said = ""
        while "removes 2 people from mine" not in said:
            assert process.poll() is None
            said += process.stderr.readline()
        assert "People changed in the meantime" in said and "Later Comer" in said
        _, said = process.communicate("mine\n", timeout=60)
        assert process.returncode == 0 and "Added 3 people. Removed 2 people." in said


def test_only_who_fits_is_exported(run, tmp_path: Path):
    file = tmp_path / "some.csv"
    done = run("export", str(file), "--filter", "country:poland -born<1800")
    written = file.read_bytes()
    assert done.returncode == 0 and "Marie Curie" in written.decode(), done.stderr
    for conditions, said in (("borm<1000", "Did you mean born?"), ("singer", "words")):
        done = run("export", str(file), "--filter", conditions)
        assert done.returncode == 1 and said in done.stderr
        assert file.read_bytes() == written
    done = run("export", str(tmp_path / "some.xls"))
    assert done.returncode == 1 and "must end in .csv, .json or .jsonl" in done.stderr


@pytest.mark.parametrize(
    "number",
    [
        signal.SIGKILL,
        pytest.param(signal.SIGINT, marks=pytest.mark.long),
        pytest.param(signal.SIGTERM, marks=pytest.mark.long),
    ],
)
def test_an_import_that_is_killed_goes_on(
    environment: dict[str, str], run, tmp_path: Path, number: signal.Signals
):
    """In mid-way; then the same command ends it, and nobody is there twice."""
    # Signals are long tests: their import must outlast the searches beside it.
    everyone = 3000 if number is signal.SIGKILL else 4500
    file = crowd(tmp_path / "people.json", everyone)
    command = ("import", str(file), "--directory", "mine")
    count = ("search", "born<20000", "--count", "1", "--json", "--directory", "mine")
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", *command],
        cwd=ROOT,
        env=environment,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        there = 0
        while not there:
            time.sleep(0.5)
            answer = run(*count).stdout
            there = json.loads(answer).get("total", 0) if answer else 0
        process.send_signal(number)
        assert process.stderr
        said = process.stderr.read()
        assert process.wait(60) == (-9 if number is signal.SIGKILL else 128 + number)
    there = json.loads(run(*count).stdout)["total"]
    assert 0 < there < everyone
    if number is not signal.SIGKILL:
        assert "Traceback" not in said and "import the same file again." in said
        assert f"Stopped after {there:,} of {everyone:,}" in said
    done = run(*command)
    assert done.returncode == 0, done.stderr
    assert f"{everyone - there:,} to add · {there:,} unchanged" in done.stderr
    assert "This is change #1." in done.stderr
    assert json.loads(run(*count).stdout)["total"] == everyone


@pytest.mark.parametrize(
    ("variables", "says"),
    [
        ({"REDIS_URL": "redis://127.0.0.1:1"}, "REDIS_URL"),
        ({"REDIS_URL": "nonsense"}, "REDIS_URL"),
        ({"LOG_LEVEL": "loud"}, "LOG_LEVEL"),
        ({"DATA_DIR": "/proc/none"}, "DATA_DIR"),
        ({"STARTER_SET": "none.json"}, "none.json"),
        ({"EMBEDDING_MODEL": "./none"}, "EMBEDDING_MODEL"),
    ],
)
def test_what_keeps_it_from_starting_is_one_sentence(run, variables: dict[str, str], says: str):
    done = run("search", "x", **variables)
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("Error: ") and says in done.stderr
    assert done.stderr.count("\n") == 1, done.stderr


def start_preview(environment: dict[str, str]) -> tuple[subprocess.Popen, str]:
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "preview", "--no-browser"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    address = re.search(r"http://127\.0\.0\.1:\d+/\S*", process.stdout.readline())
    assert address, process.stderr and process.stderr.read()
    return process, address[0]


def test_the_preview_serves_its_page_and_ends_on_ctrl_c(environment: dict[str, str], run):
    started = time.monotonic()
    process, address = start_preview(environment)
    assert time.monotonic() - started < 30
    with process:
        for _ in range(2):  # again: a reload
            page = urllib.request.urlopen(address, timeout=10).read().decode()
            assert "<title>" in page
        # Page and terminal show the same people, at the same time.
        done = run("search", "known_for=chess", "--json")
        assert json.loads(done.stdout)["total"] >= 2
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert process.stderr and "Traceback" not in process.stderr.read()


def test_ready_does_not_wait_for_the_model(environment: dict[str, str]):
    """With a model that is never there, the page is."""
    process, _ = start_preview({**environment, "EMBEDDING_MODEL": "./none", "STARTER_SET": ""})
    with process:
        process.send_signal(signal.SIGTERM)
        assert process.wait(60) == 0


def test_without_a_token_it_says_so(environment: dict[str, str]):
    process = subprocess.Popen(
        [sys.executable, "-m", "bot"],
        cwd=ROOT,
        env={**environment, "BROWSER": "true"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout and process.stderr
        assert "http://127.0.0.1:" in process.stdout.readline()
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
        assert "DISCORD_TOKEN isn't set" in process.stderr.read()


@pytest.mark.long
def test_check_and_repair(run, environment: dict[str, str]):
    run("search", "x", "--count", "1")
    done = run("check")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "default: 112 people, no problems.\n"
    with EmbeddedRedis(Path(environment["DATA_DIR"]) / "redis") as server:
        client = redis.Redis(unix_socket_path=str(server.socket))
        client.execute_command("ZREM", "{people:default}:words", "curie\0Marie Curie")
        done = run("check", "--directory", "default")
        assert done.returncode == 1
        says = "entries missing from the index of names: 1 (curie · Marie Curie)"
        assert done.stdout.splitlines()[1:] == [f"  {says}"]
        done = run("check", "--repair")
        assert done.returncode == 0
        assert done.stdout.splitlines()[1:] == [f"  {says}", "Repaired default."]
        client.execute_command("VADD", "people:other", "VALUES", "3", "1", "1", "1", "Ada")
        client.close()
    done = run("check", "--repair")
    assert done.returncode == 2 and "has 3 dimensions" in done.stdout
