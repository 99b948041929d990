"""Maps of directories: which people they show, what the colours mean, and a cache of images."""

import asyncio
import math
from collections import Counter, OrderedDict
from collections.abc import Sequence

from bot.directory import Directory
from bot.errors import DirectoryEmpty, DirectoryError
from bot.language import _, current_locale, format_list, ngettext
from bot.map.layout import Floats
from bot.map.render import MapImage, MapPerson, MapQuery, render_map
from bot.person import FAME_FIELDS, Kind, Person, Value, format_value

MAX_PEOPLE = 20_000  # on a map; from a larger directory, a random sample
NEAREST = 300  # people on the map of a query with words
MAX_CACHED = 32  # images, of a few hundred kilobytes each
CENTURY = "century"
"""Colours people by the century of their birth; the default if there is no field of tags."""

CacheKey = tuple[str, tuple[str, int], str, str, str]


class MapCache:
    """Renders maps of directories and keeps each image until its directory changes."""

    def __init__(self) -> None:
        self._images: OrderedDict[CacheKey, MapImage] = OrderedDict()
        self._rendering = asyncio.Lock()  # one at a time, because rendering uses every core

    async def get(self, directory: Directory, query: str, colour_by: str) -> MapImage:
        """Return the map of everyone, or of the people a query finds.

        *colour_by* is a field or CENTURY; if empty, a suitable one is chosen. Raises QueryError,
        DirectoryEmpty if the directory is empty, and DirectoryError for an unknown field or if
        nobody matches the query.
        """
        colour_by = _choose_colouring(directory, colour_by)
        version, words = await directory.storage.version(), " ".join(query.split())
        key = (directory.key, version, words, colour_by, current_locale())
        if key not in self._images:
            async with self._rendering:
                if key not in self._images:  # someone else may have rendered it meanwhile
                    self._images[key] = await _render(directory, query, colour_by)
        self._images.move_to_end(key)
        if len(self._images) > MAX_CACHED:
            self._images.popitem(last=False)
        return self._images[key]


def list_colourings(directory: Directory) -> list[str]:
    """List what a map of this directory can be coloured by."""
    schema = directory.fields.schema
    return [*(name for name, kind in schema.items() if kind is not Kind.NUMBER), CENTURY]


def _choose_colouring(directory: Directory, colour_by: str) -> str:
    colourings = list_colourings(directory)
    colour_by = colour_by.strip().lower()
    if colour_by and colour_by not in colourings:
        raise DirectoryError(
            _(
                "I can't colour the map by “{attribute}”. Choose {choices}.",
                attribute=colour_by,
                choices=format_list(colourings, "or"),
            )
        )
    tags = (name for name in colourings if directory.fields.schema.get(name) is Kind.TAGS)
    return colour_by or next(tags, CENTURY)


async def _render(directory: Directory, query: str, colour_by: str) -> MapImage:
    selected, title, words = await _select_people(directory, query)
    by_name = {person.name: person for person in selected}
    names, vectors = await directory.people.vectors(list(by_name))
    people = [by_name[name] for name in names]
    map_query = (words, await directory.embedder.embed(words)) if words else None
    return await asyncio.to_thread(_render_people, people, vectors, colour_by, title, map_query)


def _render_people(
    people: Sequence[Person],
    vectors: Floats,
    colour_by: str,
    title: str,
    query: MapQuery | None,
) -> MapImage:
    if colour_by == CENTURY:
        legend_title = _("century of birth")
        births = [_birth(person) for person in people]
        labels = [None if year is None else _century(year) for year in births]
        known = sorted(year for year in births if year is not None)
        group_order = list(dict.fromkeys(map(_century, known)))
    else:
        legend_title, group_order = colour_by, []
        labels = _group_labels(people, colour_by)
    return render_map(
        [MapPerson(p.name, label, _fame(p)) for p, label in zip(people, labels, strict=True)],
        vectors,
        title=title,
        legend_title=legend_title,
        group_order=group_order,
        query=query,
    )


async def _select_people(directory: Directory, query: str) -> tuple[Sequence[Person], str, str]:
    """Return the people to show, the title, and the words to mark on the map."""
    if not query.strip():
        people = await directory.people.sample(MAX_PEOPLE)
        if not people:
            raise DirectoryEmpty
        return people, _sample_title(len(people), await directory.people.count()), ""
    words = (await directory.parse(query)).text
    results = await directory.search(query, NEAREST if words else MAX_PEOPLE)
    people = [match.person for match in results.matches]
    if not people:
        raise DirectoryError(_("Nobody matches."))
    count, summary = len(people), results.query.summary
    if words:
        title = ngettext(
            "The person closest to {query}",
            "The {count} people closest to {query}",
            count,
            query=summary,
        )
    else:
        title = ngettext("{count} person: {query}", "{count} people: {query}", count, query=summary)
    return people, title, words


def _sample_title(count: int, total: int) -> str:
    if count == total:
        return ngettext("{count} person", "{count} people", count)
    return ngettext(
        "{shown} of {count} person, chosen at random",
        "{shown} of {count} people, chosen at random",
        total,
        shown=count,
    )


def _group_labels(people: Sequence[Person], field: str) -> list[str | None]:
    """Return each person's value in a field; of several tags, the most frequent one."""
    values = [person.attributes.get(field) for person in people]
    counts = Counter(tag for value in values if isinstance(value, tuple) for tag in value)

    def label(value: Value | None) -> str | None:
        if isinstance(value, tuple):
            return max(value, key=lambda tag: counts[tag], default=None)
        return None if value is None else format_value(field, value)

    return list(map(label, values))


def _birth(person: Person) -> float | None:
    """Return the year of birth, if it is a finite number: other programs may store anything."""
    born = person.attributes.get("born")
    return born if isinstance(born, int | float) and math.isfinite(born) else None


def _century(born: float) -> str:
    year = int(born)
    return _century_name((abs(year) + 99) // 100 or 1, is_bc=year < 0)


def _century_name(number: int, *, is_bc: bool) -> str:
    text = str(number)
    match number % 10 if number // 10 % 10 != 1 else 0:
        case 1:
            if is_bc:
                return _("{number}st century BC", number=text)
            return _("{number}st century", number=text)
        case 2:
            if is_bc:
                return _("{number}nd century BC", number=text)
            return _("{number}nd century", number=text)
        case 3:
            if is_bc:
                return _("{number}rd century BC", number=text)
            return _("{number}rd century", number=text)
        case _other:
            if is_bc:
                return _("{number}th century BC", number=text)
            return _("{number}th century", number=text)


def _fame(person: Person) -> float:
    values = [person.attributes[field] for field in FAME_FIELDS if field in person.attributes]
    return next((float(value) for value in values if isinstance(value, int | float)), 0.0)
