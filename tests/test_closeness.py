"""How close a match is, measured in the directory itself, with the real model."""

import pytest

from bot.directory import MAX_CLOSENESS, Directories, Directory
from bot.embedding import Embedder
from bot.errors import PersonNotFound
from bot.files import read_file, read_starter_set
from bot.person import BASE_SCHEMA
from tests.conftest import ROOT, shared
from tests.import_helpers import import_people

NONSENSE = ["asdfghjkl", "qwertyuiop", "fjdksl", "zxcvbn", "blorf wug zzt", "hsdkjfh skjdfh"]
SENSE = ["entertainer", "science", "lead singer", "football player", "won two Nobel prizes"]
KNOWN = ["sports", "music", "war", "philosophy of ethics", "DNA", "jazz trumpet"]


@pytest.fixture(scope="module")
async def starter(redis, embedder: Embedder) -> Directory:
    path = ROOT / "data" / "people.json"
    return await Directories(redis, embedder, "close:{guild}", lambda: read_starter_set(path)).open(
        "starter"
    )


@pytest.fixture(scope="module")
async def laureates(redis, embedder: Embedder) -> Directory:
    path = shared("nobel_laureates.jsonl")
    directories = Directories(redis, embedder, "close:{guild}", lambda: (BASE_SCHEMA, ()))
    directory = await directories.get_or_create("laureates")
    await import_people(directory, read_file(path))
    return directory


@pytest.mark.parametrize("words", NONSENSE)
async def test_nobody_is_close_to_nonsense(starter: Directory, words: str):
    results = await starter.search(words, 6)
    assert all(match.closeness in (0, 1) for match in results.matches)
    assert not await starter.embedder.knows(words)


@pytest.mark.parametrize("words", [*SENSE, *KNOWN])
async def test_the_model_knows_real_words(starter: Directory, words: str):
    assert await starter.embedder.knows(words)


@pytest.mark.parametrize("words", SENSE)
async def test_someone_is_close_to_meaningful_words(starter: Directory, words: str):
    results = await starter.search(words, 100)
    closeness = [match.closeness for match in results.matches if match.closeness is not None]
    assert len(closeness) == 100 and all(0 <= step <= MAX_CLOSENESS for step in closeness)
    assert closeness == sorted(closeness, reverse=True)
    assert closeness[0] and closeness[-1] == 0


@pytest.mark.slow
async def test_the_floor_is_higher_where_everyone_is_alike(
    starter: Directory, laureates: Directory
):
    """All laureates' descriptions begin alike, so unrelated ones seem similar."""
    for directory in (starter, laureates):
        await directory.fields.refresh()
    of_starter, of_laureates = await starter.scale.get(), await laureates.scale.get()
    assert of_laureates.people > of_starter.people + 0.1


async def test_small_and_empty_directories_have_a_scale(make_directories):
    directory = await make_directories().open("1")
    assert (await directory.search("singer", 5)).matches == []
    for number in range(3):
        await directory.people.add(f"Ada {number}", f"singer {number}", {})
        closeness = [m.closeness for m in (await directory.search("singer", 5)).matches]
        assert len(closeness) == number + 1 and closeness[0]


async def test_the_scale_is_measured_again_when_the_directory_has_grown(make_directories):
    directory = await make_directories().open("1")
    await directory.people.add("Ada", "singer", {})
    await directory.search("singer", 1)
    first = await directory.scale.get()
    assert first and first.size == 1
    await directory.search("poet", 1)
    assert await directory.scale.get() is first
    await directory.people.add("Bo", "poet", {})
    await directory.search("poet", 1)
    assert (await directory.scale.get()).size == 2


async def test_similar_excludes_the_person_and_applies_conditions(starter: Directory):
    results = await starter.similar("marie curie", "", 200)
    names = [match.person.name for match in results.matches]
    assert results.like and results.like.name == "Marie Curie" and "Marie Curie" not in names
    assert len(names) == await starter.people.count() - 1
    before = await starter.similar("Marie Curie", "died<1900", 200)
    died = [match.person.attributes["died"] for match in before.matches]
    assert died and all(isinstance(year, int) and year < 1900 for year in died)
    with pytest.raises(PersonNotFound, match="Did you mean Marie Curie"):
        await starter.similar("Marie Currie", "", 5)


@pytest.mark.slow
async def test_every_laureate_is_spotted_in_a_message(laureates: Directory):
    names = [person.name async for person in laureates.people.iterate()]
    for name in names:
        for message in (name, f"Yesterday, {name}'s life was told (again)!", f"“{name}”—who else?"):
            found = await laureates.people.find_mentioned(message, 5)
            assert name in [person.name for person in found], message


@pytest.mark.slow
async def test_similar_people_exclude_the_laureate_and_words_steer_the_list(
    laureates: Directory, embedder: Embedder
):
    """For each of 943: nobody is in their own list, and words bring the list nearer to themselves
    without taking it away from the person."""
    words = "peace and human rights"
    target = await embedder.embed(words)
    names = [person.name async for person in laureates.people.iterate()]
    assert len(names) == 943
    _, vectors = await laureates.people.vectors(names)
    at = dict(zip(names, vectors, strict=True))
    straight_to_words, steered_to_words, steered_to_person, all_to_person = [], [], [], []
    for name in names:
        straight = [m.person.name for m in (await laureates.similar(name, "", 6)).matches]
        steered = [m.person.name for m in (await laureates.similar(name, words, 6)).matches]
        assert name not in straight and name not in steered and len(straight) == len(steered) == 6
        straight_to_words.append(sum(at[other] @ target for other in straight) / 6)
        steered_to_words.append(sum(at[other] @ target for other in steered) / 6)
        steered_to_person.append(sum(at[other] @ at[name] for other in steered) / 6)
        all_to_person.append(float((vectors @ at[name]).mean()))
    moved = sum(b > s for b, s in zip(steered_to_words, straight_to_words, strict=True))
    mean = [sum(v) / len(v) for v in (straight_to_words, steered_to_words)]
    near = [sum(v) / len(v) for v in (all_to_person, steered_to_person)]
    print(f"\nlists moved towards the words: {moved} of {len(names)}")
    print(f"mean cosine to the words: {mean[0]:.3f} straight, {mean[1]:.3f} steered")
    print(f"mean cosine to the person: {near[0]:.3f} of anybody, {near[1]:.3f} of the steered list")
    assert moved > 0.95 * len(names) and mean[1] > mean[0] + 0.1 and near[1] > near[0] + 0.05
