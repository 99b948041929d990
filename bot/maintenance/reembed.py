"""Embeds everyone with a different model, while the directory is in use."""

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

    The new vectors go to a second vector set. Searches use the old one until the second has
    everyone as they are now; then it replaces the old one in a single transaction. The next run
    with the same model resumes one that was interrupted.

    Returns False if the directory's vectors are already of this model; anything that a run with a
    different model left is then deleted. Raises DirectoryError.
    """
    storage = directory.storage
    reembedding = _Reembedding(directory)
    model = await storage.redis.execute("HGET", storage.keys.meta, "model")
    if not model:
        raise DirectoryError(sentences.upkeep.take_over_first(storage.keys.vset))
    if model == directory.embedder.name and await has_model_dimension(directory):
        await reembedding.abandon()
        return False
    await directory.embedder.embed("dimension")  # if the model can't be loaded, nothing is changed
    await reembedding.begin()
    names = await storage.list_names()
    for start in range(0, len(names), BATCH):
        progress(start, len(names))
        await reembedding.add(names[start : start + BATCH])
    progress(len(names), len(names))
    for _ in range(ATTEMPTS):
        outdated = await reembedding.finish()
        if not outdated:
            await storage.compact()
            return True
        await reembedding.add(outdated)
    raise DirectoryKeepsChanging


async def has_model_dimension(directory: Directory) -> bool:
    """Return whether the vectors have the dimension of the model. If not, the same name now means a
    different model."""
    storage = directory.storage
    if not await storage.count():
        return True
    dimension = int(await storage.redis.execute("VDIM", storage.keys.vset))
    return (await directory.embedder.embed("dimension")).shape[0] == dimension


class _Reembedding:
    """A second vector set, with the embedder's vectors, which will replace the directory's. The
    functions of lua/directory.lua don't change it if it was begun with a different model."""

    def __init__(self, directory: Directory) -> None:
        self._storage = directory.storage
        self._people = directory.people
        self._model = directory.embedder.name

    async def begin(self) -> None:
        """Begin the set, or resume it if it was begun with the same model."""
        await self._call("begin_reembedding")

    async def add(self, names: Sequence[str]) -> None:
        """Add people, or update them. Those who are in the set with the same description keep their
        vector."""
        current_rows = await self._storage.read_attributes(names)
        added_rows = await self._storage.redis.execute_all(
            [("VGETATTR", self._storage.keys.next_vset, name) for name in names]
        )
        people = [Person.load(*row) for row in zip(names, current_rows, strict=True)]
        to_embed = [
            person
            for person, row in zip(people, added_rows, strict=True)
            if row is None or Person.load(person.name, row).description != person.description
        ]
        vectors = await self._people.embed(to_embed)
        embedded = {person.name: vector for person, vector in zip(to_embed, vectors, strict=True)}
        arguments: list[Argument] = []
        for name, current, added in zip(names, current_rows, added_rows, strict=True):
            if name in embedded or current != added:
                vector = embedded[name].tobytes() if name in embedded else b""
                arguments += [name, current or "", vector]
        await self._call("add_reembedded", *arguments)

    async def finish(self) -> list[str]:
        """Replace the directory's set if everyone is in this one as they are now. If not, return up
        to BATCH people who aren't."""
        return await self._call("finish_reembedding", BATCH)

    async def abandon(self) -> None:
        """Delete the set, if one was begun."""
        keys = self._storage.keys
        commands = [("HDEL", keys.meta, "next_model"), ("UNLINK", keys.next_vset)]
        await self._storage.redis.execute_all(commands)  # in this order: see add_reembedded

    async def _call(self, function: lua.Function, *arguments: Argument) -> Any:
        """Call a function with the model, and both sets. Raises DirectoryUnavailable if a different
        model's set was begun meanwhile."""
        answer = await self._storage.call(
            function, self._model, *arguments, more_keys=[self._storage.keys.next_vset]
        )
        if answer is None:
            raise DirectoryUnavailable(sentences.upkeep.EMBEDDED_TWICE)
        return answer
