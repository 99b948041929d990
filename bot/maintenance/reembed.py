"""Embedding everybody by another model, while the directory is in use."""

from collections.abc import Sequence
from typing import Any

from bot import sentences
from bot.directory import lua
from bot.directory.directory import Directory
from bot.directory.keeping import Progress
from bot.directory.redis import Argument
from bot.errors import DirectoryError, DirectoryUnavailable, NeverStill
from bot.person import Person

BATCH = 128  # people who are embedded between two steps of the progress bar
ATTEMPTS = 100  # to catch up with those who are changed meanwhile


async def reembed(directory: Directory, progress: Progress) -> bool:
    """Embed everybody by the model of the directory's embedder, in a set beside, which takes the
    place of the directory's at once when everybody is in it as they are; until then the old one
    answers, and what changes meanwhile is carried over. What an interrupted run has done stays.
    False if everybody is embedded by this model already; then what was begun by another goes.
    Raises DirectoryError."""
    redis, keys = directory.kept
    model = await redis.execute("HGET", keys.meta, "model")
    if not model:
        raise DirectoryError(sentences.upkeep.take_over_first(keys.vset))
    if model == directory.model and await is_of_its_dimension(directory):
        forget = ("HDEL", keys.meta, "next_model"), ("UNLINK", _beside(directory))
        await redis.execute_all(forget)  # in this order: see embedded.lua
        return False
    await directory.embed("dimension")  # a model that cannot be loaded leaves all as it is
    await _run(directory, lua.EMBED)
    everybody = await redis.execute("VRANDMEMBER", keys.vset, await directory.count() + 1) or []
    for start in range(0, len(everybody), BATCH):
        progress(start, len(everybody))
        await _embed(directory, everybody[start : start + BATCH])
    progress(len(everybody), len(everybody))
    for _ in range(ATTEMPTS):
        different = await _run(directory, lua.SWITCH, BATCH)
        if not different:
            await directory.compact()
            return True
        await _embed(directory, different)
    raise NeverStill


async def is_of_its_dimension(directory: Directory) -> bool:
    """Whether the vectors have the dimension of the model, which may be another one by the name of
    the first."""
    redis, keys = directory.kept
    if not await directory.count():
        return True
    dimension = int(await redis.execute("VDIM", keys.vset))
    return (await directory.embed("dimension")).shape[0] == dimension


async def _embed(directory: Directory, names: Sequence[str]) -> None:
    """Put people into the set beside, each with the vector that is there if it is of the same
    text."""
    redis, keys = directory.kept
    beside = _beside(directory)
    now = await redis.execute_all([("VGETATTR", keys.vset, name) for name in names])
    there = await redis.execute_all([("VGETATTR", beside, name) for name in names])
    people = [Person.load(*pair) for pair in zip(names, now, strict=True)]
    wanting = [
        person
        for person, stored in zip(people, there, strict=True)
        if stored is None or Person.load(person.name, stored).description != person.description
    ]
    vectors = await directory.embed_people(wanting)
    new = {person.name: vector for person, vector in zip(wanting, vectors, strict=True)}
    arguments: list[Argument] = []
    for name, attributes, stored in zip(names, now, there, strict=True):
        if name in new or attributes != stored:
            vector = new[name].tobytes() if name in new else b""
            arguments += [name, attributes or "", vector]
    await _run(directory, lua.EMBEDDED, *arguments)


async def _run(directory: Directory, script: str, *arguments: Argument) -> Any:
    redis, keys = directory.kept
    both = (*keys, _beside(directory))
    answer = await lua.run(redis, script, both, directory.model, *arguments)
    if answer is None:
        raise DirectoryUnavailable(sentences.upkeep.EMBEDDED_TWICE)
    return answer


def _beside(directory: Directory) -> str:
    _, keys = directory.kept
    return keys.beside("next").vset
