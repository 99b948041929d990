"""The attributes that people may have: /fields list, add, rename and remove."""

import statistics
from collections.abc import Sequence

import discord
from discord import app_commands, ui

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directories, Directory
from bot.directory.statistics import SAMPLE_SIZE
from bot.errors import InvalidPerson
from bot.interactions import Interaction, answer, chip, plain
from bot.person import BASE_SCHEMA, IMAGE_FIELD, Kind, Person, clean_field_name, format_value
from cogs.autocomplete import Choices, no_choices_on_error, to_choices
from cogs.browse import format_share
from cogs.cards import Block, static_view
from cogs.forms import Form, open_form
from cogs.paging import Book, PagesView
from cogs.permissions import EditorCog, PermissionCheck, author_of

EXAMPLES = 3  # values of an attribute
ON_PAGE = 10
TYPED_MAX = 60  # characters


class Fields(EditorCog):
    """The commands that change what can be known of people."""

    fields = app_commands.Group(
        name="fields",
        description=sentences.fields.GROUP,
        guild_only=True,
        default_permissions=discord.Permissions(manage_guild=True),
    )

    @fields.command(name="list")
    async def show(self, interaction: Interaction) -> None:
        """The attributes there are: their kinds, who has them, how they are asked for."""
        async with answer(interaction, private=True) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            response.view = await fields_view(directory, interaction.user.id)

    @fields.command()
    @app_commands.describe(
        name="Up to 32 of a-z, 0-9 and _", kind="What its values are; that stays so"
    )
    @app_commands.choices(
        kind=[
            app_commands.Choice(name=said, value=kind)
            for kind, said in sentences.fields.KINDS.items()
        ]
    )
    async def add(self, interaction: Interaction, name: str, kind: str) -> None:
        """Add an attribute, which nobody has a value of yet."""
        async with answer(interaction, private=True) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            field = await directory.fields.add(name, Kind(kind), by=author_of(interaction))
            response.view = _done(sentences.fields.added(f"**{plain(field)}**", kind))

    @fields.command()
    @app_commands.describe(field="Which", new_name="Up to 32 of a-z, 0-9 and _")
    async def rename(self, interaction: Interaction, field: str, new_name: str) -> None:
        """Give an attribute another name, for everybody."""
        async with answer(interaction, private=True) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            new = await directory.fields.rename(field, new_name, by=author_of(interaction))
            old = plain(clean_field_name(field))
            response.view = _done(sentences.fields.renamed(old, f"**{plain(new)}**"))

    @fields.command()
    @app_commands.describe(field="Which")
    async def remove(self, interaction: Interaction, field: str) -> None:
        """Remove an attribute, and everybody's values of it, once you have typed its name."""
        async with open_form(interaction) as response:
            directory = await self._directories.for_server(interaction.guild_id)
            await directory.fields.refresh()
            field = directory.fields.find_changeable(field)
            people = await _having(directory, field)
            check = self._permissions.checker("fields")
            response.form = FieldRemoval(self._directories, field, people, check)

    @rename.autocomplete("field")
    @remove.autocomplete("field")
    @no_choices_on_error
    async def _complete_field(self, interaction: Interaction, typed: str) -> Choices:
        if not await self._permissions.allows(interaction):
            return []
        schema = (await self._directories.for_server(interaction.guild_id)).fields.schema
        typed = typed.strip().lower()
        return to_choices(name for name in schema if typed in name and name not in BASE_SCHEMA)


class FieldRemoval(Form):
    """Takes the name of the attribute that is to be removed, typed as a second thought."""

    def __init__(
        self, directories: Directories, field: str, people: int, check: PermissionCheck
    ) -> None:
        super().__init__(sentences.fields.remove_title(field), check)
        self._directories = directories
        self._field = field
        self._people = people
        self.typed = ui.TextInput["FieldRemoval"](max_length=TYPED_MAX, placeholder=field)
        self.add_item(
            ui.Label(
                text=sentences.fields.TYPE_TO_REMOVE,
                description=sentences.fields.who_have_it(people),
                component=self.typed,
            )
        )

    def refilled(self) -> "FieldRemoval":
        return FieldRemoval(self._directories, self._field, self._people, self._check)

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        typed = self.typed.value.strip()
        if typed.lower() != self._field:
            raise InvalidPerson(sentences.fields.not_typed(self._field, typed))
        directory = await self._directories.for_server(interaction.guild_id)
        field = await directory.bulk.remove_field(self._field, by=author_of(interaction))
        return _done(sentences.fields.removed(f"**{plain(field)}**"))


def _done(said: str) -> ui.LayoutView:
    return static_view(f"{said}\n-# {sentences.history.UNDO_HINT}")


async def _having(directory: Directory, field: str) -> int:
    """How many people have a value of a field."""
    having = await directory.parse(f"has:{field}")
    return (await directory.browse(having, 0, 1)).total or 0


async def fields_view(directory: Directory, asker: int) -> ui.LayoutView:
    """A directory's attributes, page by page."""
    await directory.fields.refresh()
    people = await directory.people.sample(SAMPLE_SIZE)
    fields = list(directory.fields.schema)
    about = [sentences.fields.ASKED_LIKE]
    about += [sentences.fields.OF_SAMPLE] if await directory.people.count() > SAMPLE_SIZE else []
    title = f"### {sentences.fields.title(len(fields))}\n-# {' '.join(about)}"

    async def page(start: int) -> Sequence[Block]:
        shown = [
            name for name in fields[start : start + ON_PAGE] if name in directory.fields.schema
        ]
        rows = [await _row(directory, name, people) for name in shown]
        return [Block(row, separated=place == 0) for place, row in enumerate(rows)]

    return await PagesView(asker, Book(title, len(fields), page, page_size=ON_PAGE)).show()


async def _row(directory: Directory, field: str, people: Sequence[Person]) -> str:
    """An attribute, who has it, and what is typed to find these."""
    kind = directory.fields.schema[field]
    values = [p.attributes[field] for p in people if field in p.attributes]
    part = format_share(len(values) / len(people)) if values else sentences.fields.NOBODY_HAS_IT
    first = sentences.fields.row(plain(field), kind, part)
    numbers = [value for value in values if isinstance(value, int | float)]
    if kind is Kind.NUMBER and numbers:
        least, most = (format_value(field, value) for value in (min(numbers), max(numbers)))
        middle = format_value(field, statistics.median_low(numbers))
        return f"{first} · {sentences.fields.span(least, most)}\n{chip(f'{field}<={middle}')}"
    if field == IMAGE_FIELD or not values:
        return f"{first}\n{chip(f'has:{field}')}"
    return f"{first}\n{' '.join(map(chip, await _conditions(directory, field)))}"


async def _conditions(directory: Directory, field: str) -> list[str]:
    """Conditions on a field with the values that most people have of it."""
    return await directory.suggest(f"{field}:", EXAMPLES) or [f"has:{field}"]


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(Fields(bot.directories))
