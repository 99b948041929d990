"""Everybody is embedded by another model while the directory is in use, and switched at once."""

import asyncio
import random
from typing import Any

import numpy as np
import pytest

from bot.directory import Directories, Directory, Redis, finding
from bot.directory.keys import Keys
from bot.embedding import Vectors
from bot.errors import DirectoryError, DirectoryUnavailable, PersonExists, SettingError
from bot.maintenance import Problem, check, reembed
from bot.person import Kind, Person
from tests.dying import dying
from tests.embedders import WordEmbedder
from tests.test_history import BEN

WORDS = ["chemist", "physicist", "singer", "painter", "poet", "queen", "actor", "of", "the"]


class Other(WordEmbedder):
    """Another model, of another dimension; it counts whom it embeds."""

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


class Alike(Other):
    """One of the same dimension, so that Redis cannot tell."""

    name = "alike"
    dimension = WordEmbedder.dimension


def quiet(done: int, total: int) -> None:
    """Nobody looks."""


@pytest.fixture
async def directories(make_directories) -> Directories:
    directories = make_directories()
    directory = await directories.get_or_create("1")
    dice = random.Random(1)
    people = [Person(f"P{number}", " ".join(dice.choices(WORDS, k=5))) for number in range(500)]
    await directory.add_all(people)
    await directory.add("Björk", "singer", {"country": "Ísland", "fame": 9}, by=BEN)
    await directory.update("Björk", "a poet of the sea", {"born": 1965}, by=BEN)
    await directory.remove("P7", by=BEN)
    return directories


@pytest.fixture(params=[Other, Alike])
def model(request: pytest.FixtureRequest) -> Other:
    return request.param()


async def opened(directories: Directories, make_directories, model: WordEmbedder) -> Directory:
    """The directory to be embedded again by a model."""
    others = make_directories(model)
    others._key = directories._key
    return await others.as_it_is("1")


async def assert_embedded_by(directory: Directory, redis: Redis, model: WordEmbedder) -> None:
    """Everybody is where the model puts their description; and nothing is left over."""
    people = [person async for person in directory.everybody()]
    names, vectors = await directory.vectors([person.name for person in people])
    assert names == [person.name for person in people]
    expected = await model.embed_all([person.description for person in people])
    assert ((vectors * expected).sum(axis=1) > 0.999).all()
    keys = Keys.of(directory.key)
    assert await redis.execute("EXISTS", keys.beside("next").vset) == 0
    assert await redis.execute("HMGET", keys.meta, "model", "next_model") == [model.name, None]
    info = await redis.execute("VINFO", keys.vset)
    assert info["quant-type"] == "int8"
    assert (await check(directory)).is_clean


async def test_everybody_is_embedded_again(
    directories: Directories, make_directories, redis: Redis, model: Other
):
    old = await directories.get("1")
    before = {person.name: person async for person in old.everybody()}
    directory = await opened(directories, make_directories, model)
    seen: list[tuple[int, int]] = []
    assert await reembed(directory, lambda *done: seen.append(done))
    assert seen[0] == (0, 500) and seen[-1] == (500, 500)
    assert model.embedded == 500
    assert not await reembed(directory, quiet)
    assert {person.name: person async for person in directory.everybody()} == before
    await assert_embedded_by(directory, redis, model)
    # What was recorded in the old model's time goes back in the new one's.
    number = await directory.last_of(BEN)
    await directory.undo(number or 0, by=BEN)
    assert await directory.find("P7")
    await directory.undo((number or 0) - 1, by=BEN)
    assert (await directory.get("Björk")).description == "singer"
    await assert_embedded_by(directory, redis, model)


async def test_a_bot_that_runs_the_old_model_says_so(
    directories: Directories, make_directories, redis: Redis, model: Other
):
    old = await directories.get("1")
    await old.search("singer", 3)
    await reembed(await opened(directories, make_directories, model), quiet)
    says = rf"embedded again by {model.name}, .* Restart it with EMBEDDING_MODEL={model.name}\."
    asked = [
        old.search("singer", 3),
        old.search("singer born>1900", 3),
        old.search("born>1900", 3),
        old.similar("Björk", "", 3),
        old.similar("Björk", "singer", 3),
        old.add("New", "somebody", {}),
        old.add("New", "somebody", {"prize": "x"}),
        old.update("Björk", None, {"born": 1966}),
        old.update("Björk", "another", {}),
        old.remove("Björk"),
        old.undo(1),
        old.rename_field("country", "land"),
    ]
    for question in asked:
        with pytest.raises(SettingError, match=says):
            await question
    assert (await old.get("Björk")).attributes["born"] == 1965  # by name it still answers
    others = make_directories()
    others._key = directories._key
    with pytest.raises(SettingError, match=r"embed it again by words: python -m bot reembed"):
        await others.get("1")


async def test_a_search_is_one_round_trip(directories: Directories, monkeypatch):
    directory = await directories.get("1")
    await directory.search("singer", 3)
    trips: list[Any] = []

    async def counted(self: Redis, commands: Any, **options: Any) -> Any:
        trips.append([command[0] for command in commands])
        return await pipeline(self, commands, **options)

    pipeline = Redis._pipeline
    monkeypatch.setattr(Redis, "_pipeline", counted)
    await directory._searcher.nearest(("ELE", "Björk"), None, 3)
    assert trips == [["VSIM", "HMGET", "VCARD"]]


@pytest.mark.parametrize("after", [0, 1, 2, 3, 5, 8, 13, 15, 18])
async def test_it_goes_on_where_it_was_interrupted(
    directories: Directories, make_directories, redis: Redis, monkeypatch, after: int
):
    model = Other()
    directory = await opened(directories, make_directories, model)
    old = await directories.get("1")
    with dying(monkeypatch, after, "_pipeline") as death:
        await reembed(directory, quiet)
    done = model.embedded
    if death.came:
        assert len((await old.search("singer", 9)).matches) == 9
        await old.add("New", "a painter", {})
        await old.update("P1", "the queen of actors", {})
        await old.update("P2", None, {"born": 1900})
        await old.remove("P3")
        assert Problem.REEMBEDDING_UNFINISHED in (await check(old)).problems
        assert not (await check(old)).is_damaged
        assert await directories.names() == ["1"]
        await reembed(directory, quiet)
        assert model.embedded <= 500 + 2 + 128  # of the last batch, perhaps again
        assert done == 0 or model.embedded < 500 + done
    await assert_embedded_by(directory, redis, model)


async def test_who_stays_with_the_model_there_is_clears_away_what_was_begun(
    directories: Directories, make_directories, redis: Redis, monkeypatch
):
    other = await opened(directories, make_directories, Other())
    with dying(monkeypatch, 3, "_pipeline"):
        await reembed(other, quiet)
    old = await directories.get("1")
    beside = Keys.of(old.key).beside("next").vset
    assert await redis.execute("VCARD", beside) > 0
    assert not await reembed(old, quiet)
    assert (await check(old)).is_clean
    assert await redis.execute("EXISTS", beside) == 0


async def test_a_model_that_cannot_be_loaded_leaves_what_was_begun(
    directories: Directories, make_directories, redis: Redis, monkeypatch: pytest.MonkeyPatch
):
    model = Other()
    directory = await opened(directories, make_directories, model)
    with dying(monkeypatch, 6) as death:
        await reembed(directory, quiet)
    assert death.came
    keys = Keys.of(directory.key)
    begun = await redis.execute("VCARD", keys.beside("next").vset)
    assert begun

    class Misspelt(Other):
        name = "othre"

        async def embed(self, text: str) -> Vectors:
            raise SettingError("The model othre cannot be loaded.")

    with pytest.raises(SettingError, match="othre"):
        await reembed(await opened(directories, make_directories, Misspelt()), quiet)
    assert await redis.execute("VCARD", keys.beside("next").vset) == begun
    assert await redis.execute("HGET", keys.meta, "next_model") == model.name


async def test_another_model_starts_anew(
    directories: Directories, make_directories, redis: Redis, monkeypatch
):
    first = await opened(directories, make_directories, Alike())
    second_model = Alike()
    second_model.name = "second"
    second = await opened(directories, make_directories, second_model)
    switched: list[DirectoryError] = []

    async def late(people: Any) -> Vectors:
        vectors = await embed(people)
        if not switched:
            switched.append(DirectoryError())
            await reembed(second, quiet)
        return vectors

    embed = first.embed_people
    monkeypatch.setattr(first, "embed_people", late)
    with pytest.raises(DirectoryUnavailable, match="by another model, or was meanwhile"):
        await reembed(first, quiet)
    assert second_model.embedded == 500
    await assert_embedded_by(second, redis, second_model)


async def test_what_changes_meanwhile_is_carried_over(
    directories: Directories,
    make_directories,
    redis: Redis,
    model: Other,
    monkeypatch: pytest.MonkeyPatch,
):
    old = await directories.get("1")
    directory = await opened(directories, make_directories, model)
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
                    changed[new] = await old.add(new, " ".join(dice.choices(WORDS, k=4)), {})
                elif await old.find(name):
                    if what == 1:
                        changed[name] = await old.update(name, f"a new {dice.choice(WORDS)}", {})
                    elif what == 2:
                        changed[name] = await old.update(name, None, {"born": number})
                    else:
                        await old.remove(name)
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

    async def while_others_search(people: Any) -> Vectors:
        vectors = await embed(people)
        await searches.wait()
        return vectors

    embed = directory.embed_people
    monkeypatch.setattr(directory, "embed_people", while_others_search)
    tasks = [asyncio.create_task(change(1)), asyncio.create_task(search())]
    fields = asyncio.create_task(old.add_field("height", Kind.NUMBER))
    await reembed(directory, quiet)
    await asyncio.gather(*tasks)
    assert await fields == "height"
    assert searched > 3 and stopped
    await directory.refresh()
    for name, person in changed.items():
        assert await directory.find(name) == person, name
    await assert_embedded_by(directory, redis, model)


async def test_a_search_that_measures_just_after_the_switch_says_so(
    directories: Directories, make_directories, monkeypatch: pytest.MonkeyPatch
):
    old = await directories.get("1")
    directory = await opened(directories, make_directories, Other())
    measure = finding.measure

    async def switched(*arguments: Any) -> Any:
        await reembed(directory, quiet)
        return await measure(*arguments)

    monkeypatch.setattr(finding, "measure", switched)
    with pytest.raises(SettingError, match="other"):
        await old.search("singer", 10)


async def test_people_without_a_description(make_directories, redis: Redis):
    directories = make_directories()
    for name in ("Ada Lovelace", "Bo"):
        vector = np.ones(WordEmbedder.dimension, "<f4").tobytes()
        await redis.execute("VADD", directories.key("1"), "FP32", vector, name)
    model = Other()
    with pytest.raises(DirectoryError, match="was not taken over"):
        await reembed(await opened(directories, make_directories, model), quiet)
    await directories.get("1")
    directory = await opened(directories, make_directories, model)
    await reembed(directory, quiet)
    (best, *_) = (await directory.search("ada", 2)).matches
    assert best.person.name == "Ada Lovelace"


async def test_an_emptied_directory(make_directories, redis: Redis):
    directories = make_directories()
    directory = await directories.get_or_create("1")
    await directory.add("Ada", "somebody", {})
    await directory.remove("Ada")
    model = Other()
    other = await opened(directories, make_directories, model)
    await reembed(other, quiet)
    await other.undo(2)
    await assert_embedded_by(other, redis, model)
