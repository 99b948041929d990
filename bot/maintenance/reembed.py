"""Embeds everyone with a different model, while the directory is in use."""

from collections.abc import Sequence
from typing import Any

from bot.directory import lua
from bot.directory.bulk import Progress
from bot.directory.directory import Directory
from bot.directory.redis import Argument
from bot.errors import DirectoryError, DirectoryKeepsChanging, DirectoryUnavailable
from bot.language import _
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
    storage, keys = directory.storage, directory.storage.keys
    model = await storage.redis.execute("HGET", keys.meta, "model")
    if not model:
        raise DirectoryError(
            _(
                "This version of the bot hasn't adopted the directory {directory} yet. Run "
                "python -m bot check --repair, then try again.",
                directory=keys.vset,
            )
        )
    if model == directory.embedder.name and await has_model_dimension(directory):
        abandon = [("HDEL", keys.meta, "next_model"), ("UNLINK", keys.next_vset)]
        await storage.redis.execute_all(abandon)  # in this order: see add_reembedded
        return False
    await directory.embedder.embed("dimension")  # if the model can't be loaded, nothing is changed
    await _call(directory, "begin_reembedding")  # or resume
    names = await storage.list_names()
    for start in range(0, len(names), BATCH):
        progress(start, len(names))
        await _add(directory, names[start : start + BATCH])
    progress(len(names), len(names))
    for _attempt in range(ATTEMPTS):
        outdated = await _call(directory, "finish_reembedding", BATCH)
        if not outdated:
            await storage.compact()
            return True
        await _add(directory, outdated)
    raise DirectoryKeepsChanging


async def has_model_dimension(directory: Directory) -> bool:
    """Return whether the vectors have the dimension of the model. If not, the same name now means a
    different model."""
    storage = directory.storage
    if not await storage.count():
        return True
    dimension = int(await storage.redis.execute("VDIM", storage.keys.vset))
    return (await directory.embedder.embed("dimension")).shape[0] == dimension


async def _add(directory: Directory, names: Sequence[str]) -> None:
    """Add people to the second vector set, or update them. Those who are in it with the same
    description keep their vector."""
    storage = directory.storage
    current_rows = await storage.read_attributes(names)
    added_rows = await storage.redis.execute_all(
        [("VGETATTR", storage.keys.next_vset, name) for name in names]
    )
    people = [Person.load(*row) for row in zip(names, current_rows, strict=True)]
    to_embed = [
        person
        for person, row in zip(people, added_rows, strict=True)
        if row is None or Person.load(person.name, row).description != person.description
    ]
    vectors = await directory.people.embed(to_embed)
    embedded = {person.name: vector for person, vector in zip(to_embed, vectors, strict=True)}
    arguments: list[Argument] = []
    for name, current, added in zip(names, current_rows, added_rows, strict=True):
        if name in embedded or current != added:
            vector = embedded[name].tobytes() if name in embedded else b""
            arguments += [name, current or "", vector]
    await _call(directory, "add_reembedded", *arguments)


async def _call(directory: Directory, function: lua.Function, *arguments: Argument) -> Any:
    """Call a function of lua/directory.lua with the model and both vector sets. Raises
    DirectoryUnavailable if the second set was begun with a different model meanwhile: then the
    functions don't change it."""
    storage = directory.storage
    answer = await storage.call(
        function, directory.embedder.name, *arguments, more_keys=[storage.keys.next_vset]
    )
    if answer is None:
        raise DirectoryUnavailable(
            _("Another run is embedding this directory, or finished meanwhile, so this run stops.")
        )
    return answer
