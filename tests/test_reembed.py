"""Everyone is embedded with a different model while the directory is in use."""

import asyncio
import random
from typing import Any

import numpy as np
import pytest

from bot.directory import Directories, Directory, Redis, closeness, no_progress
from bot.directory.keys import Keys
from bot.embedding import Vectors
from bot.errors import DirectoryError, DirectoryUnavailable, PersonExists, SettingError
from bot.maintenance import Problem, check, reembed
from bot.person import Kind, Person
from tests.embedders import WordEmbedder
from tests.interruptions import interrupted_after
from tests.test_history import BEN

WORDS = ["chemist", "physicist", "singer", "painter", "poet", "queen", "actor", "of", "the"]


class OtherEmbedder(WordEmbedder):
    """A different model of a different dimension. It counts the people it embeds."""

    name = "other"
    dimension = 48

    def __init__(self) -> None:
        self.embedded = 0

    async def embed(self, text: str) -> Vectors:
        return (await super().embed_all([f"{text} otherwise"]))[0]

    async def embed_all(self, texts) -> Vectors:
        self.embedded += len(texts)
        await asyncio.sleep(0)
        return await super().embed_all([f"{text} otherwise" for text in texts])


class SameDimensionEmbedder(OtherEmbedder):
    """A different model of the same dimension, so that Redis cannot tell them apart."""

    name = "alike"
    dimension = WordEmbedder.dimension


@pytest.fixture
async def directories(make_directories) -> Directories:
    directories = make_directories()
    directory = await directories.get_or_create("1")
    dice = random.Random(1)
    people = [Person(f"P{number}", " ".join(dice.choices(WORDS, k=5))) for number in range(500)]
    await directory.people.add_many(people)
    await directory.people.add("Björk", "singer", {"country": "Ísland", "fame": 9}, by=BEN)
    await directory.people.update("Björk", "a poet of the sea", {"born": 1965}, by=BEN)
    await directory.people.remove("P7", by=BEN)
    return directories


@pytest.fixture(params=[OtherEmbedder, SameDimensionEmbedder])
def model(request: pytest.FixtureRequest) -> OtherEmbedder:
    return request.param()


async def open_with(directories: Directories, make_directories, model: WordEmbedder) -> Directory:
    """Open the directory with a different model, to be embedded again."""
    others = make_directories(model)
    others.key_pattern = directories.key_pattern
    return await others.open_unchecked("1")


async def assert_embedded_by(directory: Directory, redis: Redis, model: WordEmbedder) -> None:
    """Check that everyone's vector is the model's, and that nothing is left over."""
    people = [person async for person in directory.people.iterate()]
    names, vectors = await directory.people.vectors([person.name for person in people])
    assert names == [person.name for person in people]
    expected = await model.embed_all([person.description for person in people])
    assert ((vectors * expected).sum(axis=1) > 0.999).all()
    keys = Keys.of(directory.key)
    assert await redis.execute("EXISTS", keys.next_vset) == 0
    assert await redis.execute("HMGET", keys.meta, "model", "next_model") == [model.name, None]
    info = await redis.execute("VINFO", keys.vset)
    assert info["quant-type"] == "int8"
    assert (await check(directory)).is_clean


async def test_everyone_is_embedded_with_the_new_model(
    directories: Directories, make_directories, redis: Redis, model: OtherEmbedder
):
    old = await directories.get("1")
    before = {person.name: person async for person in old.people.iterate()}
    directory = await open_with(directories, make_directories, model)
    seen: list[tuple[int, int]] = []
    assert await reembed(directory, lambda *done: seen.append(done))
    assert seen[0] == (0, 500) and seen[-1] == (500, 500)
    assert model.embedded == 500
    assert not await reembed(directory, no_progress)
    assert {person.name: person async for person in directory.people.iterate()} == before
    await assert_embedded_by(directory, redis, model)
    # What changed under the old model can be undone under the new one.
    number = await directory.undo.last_undoable(BEN)
    await directory.undo.run(number or 0, by=BEN)
    assert await directory.people.find("P7")
    await directory.undo.run((number or 0) - 1, by=BEN)
    assert (await directory.people.get("Björk")).description == "singer"
    await assert_embedded_by(directory, redis, model)


async def test_a_bot_with_the_old_model_asks_for_a_restart(
    directories: Directories, make_directories, redis: Redis, model: OtherEmbedder
):
    old = await directories.get("1")
    await old.search("singer", 3)
    await reembed(await open_with(directories, make_directories, model), no_progress)
    message = rf"again with {model.name}, .* Restart it with EMBEDDING_MODEL={model.name}\."
    requests = [
        old.search("singer", 3),
        old.search("singer born>1900", 3),
        old.search("born>1900", 3),
        old.similar("Björk", "", 3),
        old.similar("Björk", "singer", 3),
        old.people.add("New", "somebody", {}),
        old.people.add("New", "somebody", {"prize": "x"}),
        old.people.update("Björk", None, {"born": 1966}),
        old.people.update("Björk", "another", {}),
        old.people.remove("Björk"),
        old.undo.run(1),
        old.fields.rename("country", "land"),
    ]
    for request in requests:
        with pytest.raises(SettingError, match=message):
            await request
    assert (await old.people.get("Björk")).attributes["born"] == 1965  # names are still found
    others = make_directories()
    others.key_pattern = directories.key_pattern
    with pytest.raises(SettingError, match=r"embed it again with words: python -m bot reembed"):
        await others.get("1")


async def test_a_search_takes_one_round_trip(directories: Directories, monkeypatch):
    directory = await directories.get("1")
    await directory.search("singer", 3)
    trips: list[Any] = []

    async def record_trip(self: Redis, commands: Any, **options: Any) -> Any:
        trips.append([command[0] for command in commands])
        return await pipeline(self, commands, **options)

    pipeline = Redis.execute_all
    monkeypatch.setattr(Redis, "execute_all", record_trip)
    await directory._vector_search.nearest(("ELE", "Björk"), None, 3)
    assert trips == [["VSIM", "HMGET", "VCARD"]]


@pytest.mark.parametrize("after", [0, 1, 2, 3, 5, 8, 13, 15, 18])
async def test_an_interrupted_run_is_resumed(
    directories: Directories, make_directories, redis: Redis, monkeypatch, after: int
):
    model = OtherEmbedder()
    directory = await open_with(directories, make_directories, model)
    old = await directories.get("1")
    with interrupted_after(after, monkeypatch, "execute_all") as interruption:
        await reembed(directory, no_progress)
    done = model.embedded
    if interruption.happened:
        assert len((await old.search("singer", 9)).matches) == 9
        await old.people.add("New", "a painter", {})
        await old.people.update("P1", "the queen of actors", {})
        await old.people.update("P2", None, {"born": 1900})
        await old.people.remove("P3")
        assert Problem.REEMBEDDING_UNFINISHED in (await check(old)).problems
        assert not (await check(old)).is_damaged
        assert await directories.names() == ["1"]
        await reembed(directory, no_progress)
        assert model.embedded <= 500 + 2 + 128  # the last batch may be embedded twice
        assert done == 0 or model.embedded < 500 + done
    await assert_embedded_by(directory, redis, model)


async def test_a_run_with_the_current_model_removes_an_unfinished_one(
    directories: Directories, make_directories, redis: Redis, monkeypatch
):
    other = await open_with(directories, make_directories, OtherEmbedder())
    with interrupted_after(3, monkeypatch, "execute_all"):
        await reembed(other, no_progress)
    old = await directories.get("1")
    beside = Keys.of(old.key).next_vset
    assert await redis.execute("VCARD", beside) > 0
    assert not await reembed(old, no_progress)
    assert (await check(old)).is_clean
    assert await redis.execute("EXISTS", beside) == 0


async def test_a_model_that_cannot_be_loaded_changes_nothing(
    directories: Directories, make_directories, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    model = OtherEmbedder()
    directory = await open_with(directories, make_directories, model)
    with interrupted_after(6, monkeypatch) as interruption:
        await reembed(directory, no_progress)
    assert interruption.happened
    keys = Keys.of(directory.key)
    begun = await redis.execute("VCARD", keys.next_vset)
    assert begun

    class UnloadableEmbedder(OtherEmbedder):
        name = "othre"

        async def embed(self, text: str) -> Vectors:
            raise SettingError("The model othre cannot be loaded.")

    with pytest.raises(SettingError, match="othre"):
        await reembed(
            await open_with(directories, make_directories, UnloadableEmbedder()), no_progress
        )
    assert await redis.execute("VCARD", keys.next_vset) == begun
    assert await redis.execute("HGET", keys.meta, "next_model") == model.name


async def test_a_run_with_a_different_model_ends_an_earlier_one(
    directories: Directories, make_directories, redis: Redis, monkeypatch
):
    first = await open_with(directories, make_directories, SameDimensionEmbedder())
    second_model = SameDimensionEmbedder()
    second_model.name = "second"
    second = await open_with(directories, make_directories, second_model)
    switched: list[DirectoryError] = []

    async def embed_late(people: Any) -> Vectors:
        vectors = await embed(people)
        if not switched:
            switched.append(DirectoryError())
            await reembed(second, no_progress)
        return vectors

    embed = first.people.embed
    monkeypatch.setattr(first.people, "embed", embed_late)
    with pytest.raises(DirectoryUnavailable, match="Another run is embedding this directory"):
        await reembed(first, no_progress)
    assert second_model.embedded == 500
    await assert_embedded_by(second, redis, second_model)


async def test_concurrent_changes_are_carried_over(
    directories: Directories,
    make_directories,
    redis: Redis,
    model: OtherEmbedder,
    monkeypatch: pytest.MonkeyPatch,
):
    old = await directories.get("1")
    directory = await open_with(directories, make_directories, model)
    changed: dict[str, Person | None] = {}
    stopped: list[SettingError] = []
    searched = 0
    searches = asyncio.Event()

    async def change(seed: int) -> None:
        dice = random.Random(seed)
        try:
            for number in range(200):
                name = f"P{dice.randrange(500)}"
                what = dice.randrange(4)
                if what == 0:
                    new = f"New {seed} {number}"
                    changed[new] = await old.people.add(new, " ".join(dice.choices(WORDS, k=4)), {})
                elif await old.people.find(name):
                    if what == 1:
                        changed[name] = await old.people.update(
                            name, f"a new {dice.choice(WORDS)}", {}
                        )
                    elif what == 2:
                        changed[name] = await old.people.update(name, None, {"born": number})
                    else:
                        await old.people.remove(name)
                        changed[name] = None
                await asyncio.sleep(0)
        except SettingError as error:
            stopped.append(error)
        except PersonExists:
            pass

    async def search() -> None:
        nonlocal searched
        try:
            while True:
                results = await old.search("singer of the", 10)
                assert len(results.matches) == 10
                searched += 1
                if searched > 3:
                    searches.set()
        except SettingError as error:
            stopped.append(error)
        finally:
            searches.set()

    async def embed_while_others_search(people: Any) -> Vectors:
        vectors = await embed(people)
        await searches.wait()
        return vectors

    embed = directory.people.embed
    monkeypatch.setattr(directory.people, "embed", embed_while_others_search)
    tasks = [asyncio.create_task(change(1)), asyncio.create_task(search())]
    fields = asyncio.create_task(old.fields.add("height", Kind.NUMBER))
    await reembed(directory, no_progress)
    await asyncio.gather(*tasks)
    assert await fields == "height"
    assert searched > 3 and stopped
    await directory.fields.refresh()
    for name, person in changed.items():
        assert await directory.people.find(name) == person, name
    await assert_embedded_by(directory, redis, model)


async def test_a_search_during_the_switch_asks_for_a_restart(
    directories: Directories, make_directories, monkeypatch: pytest.MonkeyPatch
):
    old = await directories.get("1")
    directory = await open_with(directories, make_directories, OtherEmbedder())
    measure = closeness.measure

    async def measure_after_switch(*arguments: Any) -> Any:
        await reembed(directory, no_progress)
        return await measure(*arguments)

    monkeypatch.setattr(closeness, "measure", measure_after_switch)
    with pytest.raises(SettingError, match="other"):
        await old.search("singer", 10)


async def test_people_without_a_description_are_embedded_by_their_name(
    make_directories, redis: Redis
):
    directories = make_directories()
    for name in ("Ada Lovelace", "Bo"):
        vector = np.ones(WordEmbedder.dimension, "<f4").tobytes()
        await redis.execute("VADD", directories.key("1"), "FP32", vector, name)
    model = OtherEmbedder()
    with pytest.raises(DirectoryError, match="hasn't adopted"):
        await reembed(await open_with(directories, make_directories, model), no_progress)
    await directories.get("1")
    directory = await open_with(directories, make_directories, model)
    await reembed(directory, no_progress)
    (best, *_) = (await directory.search("ada", 2)).matches
    assert best.person.name == "Ada Lovelace"


async def test_a_directory_without_people_can_be_reembedded(make_directories, redis: Redis):
    directories = make_directories()
    directory = await directories.get_or_create("1")
    await directory.people.add("Ada", "somebody", {})
    await directory.people.remove("Ada")
    model = OtherEmbedder()
    other = await open_with(directories, make_directories, model)
    await reembed(other, no_progress)
    await other.undo.run(2)
    await assert_embedded_by(other, redis, model)
