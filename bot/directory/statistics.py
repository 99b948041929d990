"""A directory in figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from bot.directory.storage import Storage
from bot.person import Kind, Person, Schema

SAMPLE = 1000  # people; in larger directories the shares are those of so many at random


@dataclass(frozen=True)
class FieldCoverage:
    """A field, and the share of people who have it, from 0 to 1."""

    field: str
    kind: Kind
    share: float


@dataclass(frozen=True)
class DirectoryStatistics:
    """How many people; how many have each field, ``exact`` or as a sample shows; the model; the
    version of Redis; and the bytes of its memory that a person takes, all keys together."""

    people: int
    coverage: Sequence[FieldCoverage]
    exact: bool
    model: str
    redis: str
    bytes_per_person: float


async def describe(
    storage: Storage, schema: Schema, model: str, people: Sequence[Person]
) -> DirectoryStatistics:
    """Count and measure; ``people`` are everybody or, of more than SAMPLE, so many at random."""
    size = int(await storage.redis.execute("VCARD", storage.keys.vset))
    used = await storage.redis.execute_all([("MEMORY", "USAGE", key) for key in storage.keys])
    return DirectoryStatistics(
        people=size,
        coverage=[
            FieldCoverage(field, kind, _share(people, field)) for field, kind in schema.items()
        ],
        exact=size <= SAMPLE,
        model=model,
        redis=await _version(storage),
        bytes_per_person=sum(int(amount or 0) for amount in used) / max(size, 1),
    )


def _share(people: Sequence[Person], field: str) -> float:
    return sum(field in person.attributes for person in people) / max(len(people), 1)


async def _version(storage: Storage) -> str:
    info: Any = await storage.redis.execute("INFO", "server", near=storage.keys.vset)
    return str(info["redis_version"])
