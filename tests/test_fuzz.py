"""A few inputs for each target of tests/fuzz. `make fuzz` tries a million."""

import re
import subprocess
import sys
import time
from importlib.util import find_spec

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.directory import Directory
from bot.errors import DirectoryError
from bot.map import MapCache
from cogs.buttons import CUSTOM_ID
from cogs.presses import PersistentButtonHandler
from tests.conftest import ROOT
from tests.fuzz import targets
from tests.fuzz.targets import BUTTON_ACTIONS, TARGETS, Target

EXAMPLES = 200  # of each target


def bytes_like(target: Target) -> st.SearchStrategy[bytes]:
    """Return inputs made of pieces of the seeds and random bytes."""
    pieces = sorted({piece for seed in target.seeds for piece in re.findall(rb"\w+|\W", seed)})
    mixed = st.lists(st.sampled_from(pieces) | st.binary(max_size=4), max_size=60).map(b"".join)
    return mixed | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("name", TARGETS)
def test_any_input_raises_only_our_own_errors(name: str):
    target = TARGETS[name]

    @settings(max_examples=EXAMPLES, deadline=None, database=None)
    @given(bytes_like(target))
    def feed(data: bytes) -> None:
        target.run(data)

    feed()
    for seed in target.seeds:
        target.run(seed)


def test_a_foreign_error_or_a_slow_target_fails(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(targets, "SECONDS_MAX", 0.1)

    def foreign(data: bytes) -> None:
        int(data)

    def slow(data: bytes) -> None:
        end = time.process_time() + 0.1
        while time.process_time() < end:
            pass

    with pytest.raises(ValueError, match="invalid literal"):
        Target(foreign, 9, []).run(b"x")
    with pytest.raises(AssertionError, match=r"0\.1 s for b'x'"):
        Target(slow, 9, []).run(b"x")


@pytest.mark.skipif(find_spec("atheris") is None, reason="atheris is for Linux on x86_64")
def test_the_fuzzer_runs_in_a_process_of_its_own(tmp_path):
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz", "settings", "500"],
        cwd=tmp_path,
        env={"PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0 and "Done 500 runs" in done.stderr, done.stderr


CRAFTED = st.builds(
    "lead:{}:{}".format,
    st.sampled_from(BUTTON_ACTIONS),
    st.text(max_size=80) | st.sampled_from(["Ada~", "~", "Ada~00000000", "9" * 80, "{guild}"]),
)


@settings(
    max_examples=100,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(CRAFTED)
@example("lead:details:\ud800")
async def test_a_crafted_button_id_is_answered_or_refused(directory: Directory, custom_id: str):
    """A client may send any text to each of the buttons."""
    match = re.fullmatch(CUSTOM_ID, custom_id, re.DOTALL)
    assert match
    try:
        handler = PersistentButtonHandler(match["action"], match["subject"], custom_id)
        assert await handler._answer(directory, 1, MapCache())
    except DirectoryError as error:
        assert str(error)


@pytest.fixture
async def directory(directories) -> Directory:
    directory = await directories.for_server(7)
    await directory.people.add("Ada", "mathematician", {"born": 1815})
    return directory
