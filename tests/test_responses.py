"""Acknowledging in time: what takes long, and what fails on the way."""

import asyncio

import pytest

from bot.directory.people import People
from bot.interactions import in_time, responses
from tests.world import World, text


class Acknowledgement:
    """Counts its calls. It takes *seconds*, and then raises *error*."""

    def __init__(self, seconds: float = 0, error: Exception | None = None) -> None:
        self.started = self.ended = 0
        self._seconds = seconds
        self._error = error

    async def __call__(self) -> None:
        self.started += 1
        await asyncio.sleep(self._seconds)
        if self._error:
            raise self._error
        self.ended += 1


@pytest.fixture(autouse=True)
def short_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(responses, "ACKNOWLEDGE_SECONDS", 0.02)


async def test_a_fast_block_is_not_acknowledged():
    acknowledge = Acknowledgement()
    async with in_time(acknowledge):
        await asyncio.sleep(0)
    await asyncio.sleep(0.04)
    assert acknowledge.started == 0


@pytest.mark.parametrize(("at_once", "seconds"), [(False, 0.04), (True, 0.005)])
async def test_a_slow_block_is_acknowledged_once(at_once: bool, seconds: float):
    acknowledge = Acknowledgement()
    async with in_time(acknowledge, at_once=at_once):
        await asyncio.sleep(seconds)
        assert acknowledge.ended == 1
    await asyncio.sleep(0.04)
    assert acknowledge.started == 1


@pytest.mark.parametrize("fails", [False, True])
async def test_an_acknowledgement_on_its_way_arrives_before_the_block_is_answered(fails: bool):
    acknowledge = Acknowledgement(seconds=0.04)
    try:
        async with in_time(acknowledge, at_once=True):
            await asyncio.sleep(0.01)
            if fails:
                raise ValueError
    except ValueError:
        assert fails
    assert acknowledge.ended == 1


async def test_a_failed_acknowledgement_cancels_the_block_and_is_raised():
    is_cancelled = False
    with pytest.raises(OSError, match="no connection"):
        async with in_time(Acknowledgement(error=OSError("no connection")), at_once=True):
            try:
                await asyncio.sleep(5)
            except asyncio.CancelledError:
                is_cancelled = True
                raise
    assert is_cancelled
    async with asyncio.timeout(1):  # the task goes on
        await asyncio.sleep(0)


async def test_an_acknowledgement_that_fails_after_the_block_is_raised():
    with pytest.raises(OSError, match="no connection"):
        async with in_time(Acknowledgement(0.04, OSError("no connection")), at_once=True):
            await asyncio.sleep(0.01)


async def test_a_form_that_takes_long_to_prepare_is_not_opened_and_says_so(
    world: World, monkeypatch: pytest.MonkeyPatch
):
    get = People.get

    async def get_slowly(self: People, name: str):
        await asyncio.sleep(0.1)
        return await get(self, name)

    monkeypatch.setattr(People, "get", get_slowly)
    result = await world.admin.slash(world.channel, "editperson", name="Björk")
    assert result.modal is None and result.ephemeral
    assert text(result) == "The directory is slow to respond. Try again in a moment."
