"""Embedding everyone with a different model, while the directory is in use."""

from collections.abc import Sequence
from typing import Any

from bot import sentences
from bot.directory import lua
from bot.directory.bulk import Progress
from bot.directory.directory import Directory
from bot.directory.redis import Argument
from bot.errors import DirectoryError, DirectoryKeepsChanging, DirectoryUnavailable
from bot.person import Person

BATCH = 128  # people embedded between two updates of the progress
ATTEMPTS = 100  # to catch up with the people who are changed meanwhile


async def reembed(directory: Directory, progress: Progress) -> bool:
    """Embed everyone with the model of the directory's embedder.

    The new vectors go to a vector set of their own. Until it has everyone as they are now, searches
    use the old one; then it replaces the old one in a single transaction. A run that was
    interrupted is resumed by the next one with the same model.

    Returns False if the directory's vectors are of this model already; what a run with a different
    model began is then removed. Raises DirectoryError.
    """
    redis, keys = directory.storage.redis, directory.storage.keys
    model = await redis.execute("HGET", keys.meta, "model")
    if not model:
        raise DirectoryError(sentences.upkeep.take_over_first(keys.vset))
    if model == directory.embedder.name and await has_model_dimension(directory):
        forget = ("HDEL", keys.meta, "next_model"), ("UNLINK", _new_set(directory))
        await redis.execute_all(forget)  # in this order: see add_reembedded
        return False
    await directory.embedder.embed("dimension")  # if the model can't be loaded, nothing is changed
    await _run(directory, "begin_reembedding")
    names = await redis.execute("VRANDMEMBER", keys.vset, await directory.people.count() + 1) or []
    for start in range(0, len(names), BATCH):
        progress(start, len(names))
        await _embed(directory, names[start : start + BATCH])
    progress(len(names), len(names))
    for _ in range(ATTEMPTS):
        outdated = await _run(directory, "finish_reembedding", BATCH)
        if not outdated:
            await directory.storage.compact()
            return True
        await _embed(directory, outdated)
    raise DirectoryKeepsChanging


async def has_model_dimension(directory: Directory) -> bool:
    """Return whether the vectors have the dimension of the model. They may not even if the model's
    name is theirs: a name can come to stand for a different model."""
    redis, keys = directory.storage.redis, directory.storage.keys
    if not await directory.people.count():
        return True
    dimension = int(await redis.execute("VDIM", keys.vset))
    return (await directory.embedder.embed("dimension")).shape[0] == dimension


async def _embed(directory: Directory, names: Sequence[str]) -> None:
    """Put people into the new set. Those who are in it with the same description keep their
    vector."""
    redis, keys = directory.storage.redis, directory.storage.keys
    new_set = _new_set(directory)
    current_rows = await redis.execute_all([("VGETATTR", keys.vset, name) for name in names])
    new_rows = await redis.execute_all([("VGETATTR", new_set, name) for name in names])
    people = [Person.load(*row) for row in zip(names, current_rows, strict=True)]
    to_embed = [
        person
        for person, row in zip(people, new_rows, strict=True)
        if row is None or Person.load(person.name, row).description != person.description
    ]
    vectors = await directory.people.embed(to_embed)
    embedded = {person.name: vector for person, vector in zip(to_embed, vectors, strict=True)}
    arguments: list[Argument] = []
    for name, current, new in zip(names, current_rows, new_rows, strict=True):
        if name in embedded or current != new:
            vector = embedded[name].tobytes() if name in embedded else b""
            arguments += [name, current or "", vector]
    await _run(directory, "add_reembedded", *arguments)


async def _run(directory: Directory, function: lua.Function, *arguments: Argument) -> Any:
    """Run a script on the directory and the new set. Raises DirectoryUnavailable if it is another
    model's turn."""
    answer = await directory.storage.call(
        function, directory.embedder.name, *arguments, more_keys=[_new_set(directory)]
    )
    if answer is None:
        raise DirectoryUnavailable(sentences.upkeep.EMBEDDED_TWICE)
    return answer


def _new_set(directory: Directory) -> str:
    return directory.storage.keys.next_vset
