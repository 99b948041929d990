"""The attributes that people can have: /fields list, add, rename and remove."""

import statistics
from collections.abc import Sequence

from discord import app_commands, ui

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directory
from bot.directory.statistics import SAMPLE_SIZE
from bot.errors import InvalidPerson
from bot.interactions import Interaction, answer, chip, plain
from bot.person import BASE_SCHEMA, IMAGE_FIELD, Kind, Person, clean_field_name, format_value
from cogs.autocomplete import Choices, to_choices
from cogs.browse import format_share
from cogs.cards import Block, static_view
from cogs.forms import Form, open_form
from cogs.paging import Book, PagesView
from cogs.permissions import EditorCog, PermissionCheck, author_of, complete_for_editors

EXAMPLES = 3  # values of an attribute
PAGE_SIZE = 10  # attributes on a page
TYPED_MAX = 60  # characters


class FieldsCog(EditorCog):
    """The commands about attributes."""

    fields = app_commands.Group(
        name="fields",
        description=sentences.fields.GROUP,
    )

    @fields.command(name="list")
    async def show(self, interaction: Interaction) -> None:
        """The attributes there are: their kinds, who has them, how they are asked for."""
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await fields_view(directory, interaction.user.id)

    @fields.command()
    @app_commands.describe(
        name="Up to 32 of a-z, 0-9 and _", kind="What its values are; that stays so"
    )
    @app_commands.choices(
        kind=[
            app_commands.Choice(name=label, value=kind)
            for kind, label in sentences.fields.KINDS.items()
        ]
    )
    async def add(self, interaction: Interaction, name: str, kind: str) -> None:
        """Add an attribute, which nobody has a value of yet."""
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            field = await directory.fields.add(name, Kind(kind), by=author_of(interaction))
            response.view = _undoable_view(sentences.fields.added(f"**{plain(field)}**", kind))

    @fields.command()
    @app_commands.describe(field="Which", new_name="Up to 32 of a-z, 0-9 and _")
    async def rename(self, interaction: Interaction, field: str, new_name: str) -> None:
        """Give an attribute another name, for everybody."""
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            new = await directory.fields.rename(field, new_name, by=author_of(interaction))
            old = plain(clean_field_name(field))
            response.view = _undoable_view(sentences.fields.renamed(old, f"**{plain(new)}**"))

    @fields.command()
    @app_commands.describe(field="Which")
    async def remove(self, interaction: Interaction, field: str) -> None:
        """Remove an attribute, and everybody's values of it, once you have typed its name."""
        async with open_form(interaction) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            await directory.fields.refresh()
            field = directory.fields.get_changeable(field)
            owners = await directory.browse(await directory.parse(f"has:{field}"), 0, 1)
            check = self.permissions.checker("fields")
            response.form = FieldRemovalForm(field, owners.total or 0, check)

    @rename.autocomplete("field")
    @remove.autocomplete("field")
    @complete_for_editors
    async def _complete_field(self, directory: Directory, typed: str) -> Choices:
        typed = typed.strip().lower()
        names = [name for name in directory.fields.schema if name not in BASE_SCHEMA]
        return to_choices(name for name in names if typed in name)


class FieldRemovalForm(Form):
    """Removes an attribute once its name is typed; ``owners`` is how many people have a value of
    it."""

    def __init__(self, field: str, owners: int, check: PermissionCheck) -> None:
        super().__init__(sentences.fields.remove_title(field), check)
        self._field = field
        self._owners = owners
        self.typed = ui.TextInput["FieldRemovalForm"](max_length=TYPED_MAX, placeholder=field)
        self.add_item(
            ui.Label(
                text=sentences.fields.TYPE_TO_REMOVE,
                description=sentences.fields.who_have_it(owners),
                component=self.typed,
            )
        )

    def refilled(self) -> "FieldRemovalForm":
        return FieldRemovalForm(self._field, self._owners, self._check)

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        typed = self.typed.value.strip()
        if typed.lower() != self._field:
            raise InvalidPerson(sentences.fields.not_typed(self._field, typed))
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        field = await directory.bulk.remove_field(self._field, by=author_of(interaction))
        return _undoable_view(sentences.fields.removed(f"**{plain(field)}**"))


def _undoable_view(text: str) -> ui.LayoutView:
    return static_view(f"{text}\n-# {sentences.history.UNDO_HINT}")


async def fields_view(directory: Directory, asker: int) -> ui.LayoutView:
    """Return a directory's attributes, on pages."""
    await directory.fields.refresh()
    people = await directory.people.sample(SAMPLE_SIZE)
    fields = list(directory.fields.schema)
    notes = [sentences.fields.ASKED_LIKE]
    notes += [sentences.fields.OF_SAMPLE] if await directory.people.count() > SAMPLE_SIZE else []
    title = f"### {sentences.fields.title(len(fields))}\n-# {' '.join(notes)}"

    async def load_page(start: int) -> Sequence[Block]:
        schema = directory.fields.schema
        shown = [name for name in fields[start : start + PAGE_SIZE] if name in schema]
        rows = [await _field_row(directory, name, people) for name in shown]
        return [Block(row, separated=index == 0) for index, row in enumerate(rows)]

    return await PagesView(asker, Book(title, len(fields), load_page, page_size=PAGE_SIZE)).show()


async def _field_row(directory: Directory, field: str, people: Sequence[Person]) -> str:
    """Return a field's kind, the share of people who have it, and conditions on it to try."""
    kind = directory.fields.schema[field]
    values = [p.attributes[field] for p in people if field in p.attributes]
    share = format_share(len(values) / len(people)) if values else sentences.fields.NOBODY_HAS_IT
    heading = sentences.fields.row(plain(field), kind, share)
    numbers = [value for value in values if isinstance(value, int | float)]
    if kind is Kind.NUMBER and numbers:
        lowest, highest = (format_value(field, value) for value in (min(numbers), max(numbers)))
        median = format_value(field, statistics.median_low(numbers))
        span = sentences.fields.span(lowest, highest)
        return f"{heading} · {span}\n{chip(f'{field}<={median}')}"
    if field == IMAGE_FIELD or not values:
        return f"{heading}\n{chip(f'has:{field}')}"
    conditions = await directory.suggest(f"{field}:", EXAMPLES) or [f"has:{field}"]
    return f"{heading}\n{' '.join(map(chip, conditions))}"


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(FieldsCog())
