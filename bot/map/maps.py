"""The maps of directories: who is on one, in which colours, and the pictures that were made."""

import asyncio
import math
from collections import Counter, OrderedDict
from collections.abc import Sequence
from typing import TypeGuard

from bot import sentences
from bot.directory import Directory
from bot.errors import DirectoryEmpty, DirectoryError
from bot.map.composition import Picture, Place, picture
from bot.person import FAME_FIELDS, Kind, Person, Value, format_value

PEOPLE_MAX = 20_000  # on a map; of more, so many at random
NEAREST = 300  # people on the map of words
KEPT = 32  # pictures, of some hundred kilobytes each
CENTURY = "century"
"""What a map is coloured by where there is nothing else: when people were born."""

Key = tuple[str, tuple[str, int], str, str]


class Maps:
    """Draws directories, and keeps each picture until its directory changes."""

    def __init__(self) -> None:
        self._pictures: OrderedDict[Key, Picture] = OrderedDict()
        self._drawing = asyncio.Lock()  # one at a time: a picture takes all that the machine has

    async def draw(self, directory: Directory, query: str, colour_by: str) -> Picture:
        """The map of everybody, or of those whom ``query`` asks for, coloured by a field or by
        CENTURY; if that is empty, by what there is. Raises QueryError, DirectoryEmpty, and
        DirectoryError for the field and where nobody fits."""
        colour_by = _colour(directory, colour_by)
        key = (directory.key, await directory.storage.version(), " ".join(query.split()), colour_by)
        if key not in self._pictures:
            async with self._drawing:
                if key not in self._pictures:  # another one may have waited for the same
                    self._pictures[key] = await _draw(directory, query, colour_by)
        self._pictures.move_to_end(key)
        if len(self._pictures) > KEPT:
            self._pictures.popitem(last=False)
        return self._pictures[key]


def fields(directory: Directory) -> list[str]:
    """What a map of this directory can be coloured by."""
    schema = directory.fields.schema
    return [*(name for name, kind in schema.items() if kind is not Kind.NUMBER), CENTURY]


def _colour(directory: Directory, colour_by: str) -> str:
    there = fields(directory)
    asked = colour_by.strip().lower()
    if asked and asked not in there:
        raise DirectoryError(sentences.map.no_colour_by(asked, there))
    tags = (name for name in there if directory.fields.schema.get(name) is Kind.TAGS)
    return asked or next(tags, CENTURY)


async def _draw(directory: Directory, query: str, colour_by: str) -> Picture:
    people, title, words = await _asked_for(directory, query)
    by_name = {person.name: person for person in people}
    names, vectors = await directory.people.vectors(list(by_name))
    star = (words, await directory.embedder.embed(words)) if words else None

    def compose() -> Picture:
        there = [by_name[name] for name in names]
        by_century = colour_by == CENTURY
        groups = _groups(there, colour_by)
        return picture(
            [Place(p.name, group, _fame(p)) for p, group in zip(there, groups, strict=True)],
            vectors,
            query=star,
            title=title,
            legend_title=sentences.map.CENTURY_BORN if by_century else colour_by,
            sequence=_centuries(there) if by_century else (),
        )

    return await asyncio.to_thread(compose)


async def _asked_for(directory: Directory, query: str) -> tuple[Sequence[Person], str, str]:
    """Who is on the map, its title, and the words to mark on it."""
    if not query.strip():
        people = await directory.people.sample(PEOPLE_MAX)
        if not people:
            raise DirectoryEmpty
        title = sentences.map.everybody(len(people), await directory.people.count())
        return people, title, ""
    asked = (await directory.parse(query)).text
    results = await directory.search(query, NEAREST if asked else PEOPLE_MAX)
    people = [match.person for match in results.matches]
    if not people:
        raise DirectoryError(sentences.answers.NOBODY_FITS)
    titled = sentences.map.nearest_to if asked else sentences.map.who_fit
    return people, titled(len(people), results.query.understood), asked


def _groups(people: Sequence[Person], colour_by: str) -> list[str | None]:
    """What each person's colour stands for: a century, a value, or the most frequent of several
    tags."""
    if colour_by == CENTURY:
        born = [person.attributes.get("born") for person in people]
        return [_century(year) if _is_year(year) else None for year in born]
    values = [person.attributes.get(colour_by) for person in people]
    counts = Counter(tag for value in values if isinstance(value, tuple) for tag in value)

    def group(value: Value | None) -> str | None:
        if isinstance(value, tuple):
            return max(value, key=lambda tag: counts[tag], default=None)
        return None if value is None else format_value(colour_by, value)

    return list(map(group, values))


def _is_year(value: Value | None) -> TypeGuard[float]:
    """Whether it is a number; another program may have stored anything."""
    return isinstance(value, int | float) and math.isfinite(value)


def _century(born: float) -> str:
    year = int(born)
    return sentences.map.century((abs(year) + 99) // 100 or 1, bc=year < 0)


def _centuries(people: Sequence[Person]) -> list[str]:
    """The centuries in which people were born, one after the other."""
    born = [year for person in people if _is_year(year := person.attributes.get("born"))]
    return list(dict.fromkeys(map(_century, sorted(born))))


def _fame(person: Person) -> float:
    known = [person.attributes[field] for field in FAME_FIELDS if field in person.attributes]
    return next((float(value) for value in known if isinstance(value, int | float)), 0.0)
