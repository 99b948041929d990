"""The attributes that people can have: /attributes list, add, rename and remove."""

import statistics
from collections.abc import Sequence

from discord import app_commands, ui
from discord.app_commands import Choice, locale_str

from bot.client import PeopleBot
from bot.directory import Directory
from bot.directory.statistics import SAMPLE_SIZE
from bot.errors import InvalidPerson
from bot.interactions import Interaction, answer, chip, plain
from bot.language import _, ngettext
from bot.person import (
    BASE_SCHEMA,
    IMAGE_FIELD,
    Kind,
    Person,
    clean_field_name,
    format_value,
    kind_name,
)
from cogs.autocomplete import Choices, to_choices
from cogs.browse import format_share
from cogs.cards import Block, static_view, undo_hint
from cogs.forms import Form, open_form
from cogs.paging import Book, PagesView
from cogs.permissions import EditorCog, PermissionCheck, author_of, complete_for_editors

EXAMPLES = 3  # values of an attribute
PAGE_SIZE = 10  # attributes on a page
TYPED_MAX = 60  # characters


class AttributesCog(EditorCog):
    """The commands about attributes."""

    attributes = app_commands.Group(
        name="attributes",
        description=locale_str("List, add, rename and remove the attributes of people"),
    )

    @attributes.command(
        name="list", description=locale_str("List the attributes, and how to search by them")
    )
    async def show(self, interaction: Interaction) -> None:
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            response.view = await attributes_view(directory, interaction.user.id)

    @attributes.command(description=locale_str("Add an attribute"))
    @app_commands.describe(
        name=locale_str("Up to 32 of a-z, 0-9 and _"),
        kind=locale_str("The kind of its values; you can't change it later"),
    )
    @app_commands.choices(
        kind=[
            Choice(name=locale_str("text: one value, like France"), value=Kind.TEXT),
            Choice(name=locale_str("tags: several values, like jazz, pop"), value=Kind.TAGS),
            Choice(name=locale_str("number: a year, a height, a count"), value=Kind.NUMBER),
            Choice(name=locale_str("yes/no"), value=Kind.FLAG),
        ]
    )
    async def add(self, interaction: Interaction, name: str, kind: str) -> None:
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            field = await directory.fields.add(name, Kind(kind), by=author_of(interaction))
            name = f"**{plain(field)}**"
            added = _(
                "Added the attribute {attribute} ({kind}). Set its values with /setattribute.",
                attribute=name,
                kind=kind_name(Kind(kind)),
            )
            response.view = _undoable_view(added)

    @attributes.command(description=locale_str("Rename an attribute for everyone"))
    @app_commands.describe(
        attribute=locale_str("The attribute to rename"),
        new_name=locale_str("Up to 32 of a-z, 0-9 and _"),
    )
    async def rename(self, interaction: Interaction, attribute: str, new_name: str) -> None:
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            new = await directory.fields.rename(attribute, new_name, by=author_of(interaction))
            old, new = plain(clean_field_name(attribute)), f"**{plain(new)}**"
            renamed = _("Renamed the attribute {old} to {new}.", old=old, new=new)
            response.view = _undoable_view(renamed)

    @attributes.command(description=locale_str("Remove an attribute and all its values"))
    @app_commands.describe(attribute=locale_str("The attribute to remove"))
    async def remove(self, interaction: Interaction, attribute: str) -> None:
        async with open_form(interaction) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            await directory.fields.refresh()
            field = directory.fields.get_changeable(attribute)
            owners = await directory.browse(await directory.parse(f"has:{field}"), 0, 1)
            check = self.permissions.checker("attributes")
            response.form = AttributeRemovalForm(field, owners.total or 0, check)

    @rename.autocomplete("attribute")
    @remove.autocomplete("attribute")
    @complete_for_editors
    async def _complete_attribute(self, directory: Directory, typed: str) -> Choices:
        typed = typed.strip().lower()
        names = [name for name in directory.fields.schema if name not in BASE_SCHEMA]
        return to_choices(name for name in names if typed in name)


class AttributeRemovalForm(Form):
    """Removes an attribute once its name is typed; *owners* is how many people have a value."""

    def __init__(self, field: str, owners: int, check: PermissionCheck) -> None:
        super().__init__(_("Remove {attribute}?", attribute=field), check)
        self._field = field
        self._owners = owners
        self.typed = ui.TextInput["AttributeRemovalForm"](max_length=TYPED_MAX, placeholder=field)
        self.add_item(
            ui.Label(
                text=_("Type its name to confirm"),
                description=_owners_text(owners),
                component=self.typed,
            )
        )

    def refilled(self) -> "AttributeRemovalForm":
        return AttributeRemovalForm(self._field, self._owners, self._check)

    async def process(self, interaction: Interaction) -> ui.LayoutView:
        typed = self.typed.value.strip()
        if typed.lower() != self._field:
            raise InvalidPerson(
                _(
                    "Nothing was removed: you typed {typed}, not {attribute}.",
                    typed=typed,
                    attribute=self._field,
                )
            )
        directory = await interaction.client.directories.for_server(interaction.guild_id)
        field = await directory.bulk.remove_field(self._field, by=author_of(interaction))
        removed = f"**{plain(field)}**"
        return _undoable_view(
            _("Removed the attribute {attribute} and all its values.", attribute=removed)
        )


def _owners_text(owners: int) -> str:
    if not owners:
        return _("Nobody has a value for it.")
    return ngettext(
        "{count} person has a value for it. You can undo this with /undo.",
        "{count} people have a value for it. You can undo this with /undo.",
        owners,
    )


def _undoable_view(text: str) -> ui.LayoutView:
    return static_view(f"{text}\n-# {undo_hint()}")


async def attributes_view(directory: Directory, asker: int) -> ui.LayoutView:
    """Return a directory's attributes, on pages."""
    await directory.fields.refresh()
    people = await directory.people.sample(SAMPLE_SIZE)
    fields = list(directory.fields.schema)
    notes = [_("The kind of each attribute, how many people have it, and conditions to try.")]
    if await directory.people.count() > SAMPLE_SIZE:
        notes.append(_("Shares and ranges are estimated from {count} people.", count=SAMPLE_SIZE))
    heading = ngettext("{count} attribute", "{count} attributes", len(fields))
    title = f"### {heading}\n-# {' '.join(notes)}"

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
    share = format_share(len(values) / len(people)) if values else _("nobody has it yet")
    heading = f"**{plain(field)}**  {kind_name(kind)} · {share}"
    numbers = [value for value in values if isinstance(value, int | float)]
    if kind is Kind.NUMBER and numbers:
        lowest, highest = (format_value(field, value) for value in (min(numbers), max(numbers)))
        median = format_value(field, statistics.median_low(numbers))
        span = (
            _("always {value}", value=lowest)
            if lowest == highest
            else _("{lowest} to {highest}", lowest=lowest, highest=highest)
        )
        return f"{heading} · {span}\n{chip(f'{field}<={median}')}"
    if field == IMAGE_FIELD or not values:
        return f"{heading}\n{chip(f'has:{field}')}"
    conditions = await directory.suggest(f"{field}:", EXAMPLES) or [f"has:{field}"]
    return f"{heading}\n{' '.join(map(chip, conditions))}"


async def setup(bot: PeopleBot) -> None:
    await bot.add_cog(AttributesCog())
