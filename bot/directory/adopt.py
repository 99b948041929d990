"""Adopting a vector set that another program wrote, or that the bot indexed in an older format."""

import logging
from collections.abc import Mapping, Sequence
from typing import Any

from bot.directory.people import BATCH
from bot.directory.redis import Argument
from bot.directory.schema_json import dump_schema, load_own_schema
from bot.directory.storage import Storage
from bot.embedding import TextEmbedder
from bot.errors import DirectoryUnavailable, SettingError
from bot.language import _
from bot.person import BASE_SCHEMA, Kind, Person, Schema, fold, infer_kind

log = logging.getLogger(__name__)


async def adopt(storage: Storage, embedder: TextEmbedder, name: str, stored_schema: str) -> Schema:
    """Index everyone in a vector set, and give each person all fields of the schema, because
    filters miss anyone without them. Everything else that other programs stored is kept. Returns
    the schema, extended by the fields that people have.

    ``name`` is the directory's, and ``stored_schema`` its schema as stored, or ''. Raises
    SettingError if the vectors have a different dimension than the model's, and
    DirectoryUnavailable if another process adopts the set at the same time."""
    elements = await storage.list_names()
    if elements:
        await _check_dimension(storage, embedder)
    names = [*elements, *await _removed_names(storage, elements)]
    attributes = await storage.read_attributes(names)
    people = [Person.load(*pair) for pair in zip(names, attributes, strict=True)]
    schema = {**(load_own_schema(stored_schema) or BASE_SCHEMA)}
    schema |= _infer_other_fields(people, schema)
    for start in range(0, len(people), BATCH):
        batch = slice(start, start + BATCH)
        arguments: list[Argument] = []
        for person, before in zip(people[batch], attributes[batch], strict=True):
            after = person.dump(schema, before or "")
            arguments += [person.name, fold(person.name), before or "", after]
        await storage.call("adopt_people", stored_schema, *arguments)
    stamp = (dump_schema(schema), embedder.name)
    if await storage.call("finish_adoption", stored_schema, *stamp) is None:
        message = _("Another process is taking over {directory}. Try again.", directory=name)
        raise DirectoryUnavailable(message)
    log.info("Took over %d people in %s", len(elements), storage.keys.vset)
    return schema


async def _check_dimension(storage: Storage, embedder: TextEmbedder) -> None:
    """Raise SettingError if the set's vectors have a different dimension than the model's."""
    key = storage.keys.vset
    dimension = int(await storage.redis.execute("VDIM", key))
    expected = (await embedder.embed("dimension")).shape[0]
    if dimension != expected:
        message = _(
            "The vector set {key} has {dimension} dimensions, but the vectors of {model} have "
            "{expected}. Set DIRECTORY_KEY to another key, or EMBEDDING_MODEL to the set's model.",
            key=key,
            dimension=str(dimension),
            model=embedder.name,
            expected=str(expected),
        )
        raise SettingError(message)


async def _removed_names(storage: Storage, elements: Sequence[str]) -> set[str]:
    """Return the indexed names of people who are no longer in the vector set."""
    entries = await storage.redis.execute("ZRANGE", storage.keys.names, 0, -1)
    return {entry.partition("\0")[2] for entry in entries} - {*elements}


def _infer_other_fields(people: Sequence[Person], schema: Schema) -> Mapping[str, Kind]:
    """Return the fields that people have and the schema doesn't, with the kinds of their values."""
    values: dict[str, list[Any]] = {}
    for person in people:
        for name, value in person.attributes.items():
            if name not in schema:
                values.setdefault(name, []).append(value)
    return {name: infer_kind(each) for name, each in values.items()}
