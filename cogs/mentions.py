"""Plain talk: the bot mentioned or answered in a channel, and the menu of a message."""

import re

import discord
from discord import app_commands
from discord.ext import commands

from bot import sentences
from bot.client import PeopleBot
from bot.directory import Directories, Directory
from bot.errors import DirectoryError
from bot.interactions import Asked, Gate, reply
from bot.person import has_alphanumeric
from bot.query import QUERY_MAX
from cogs import results
from cogs.cards import said, view

_ALSO = re.compile(r"^(?:and|but|also|or|then)\b[\s,:;–—-]*", re.IGNORECASE)

_OF_THEM = re.compile(
    r"\b(?:(?:who|which|any|some|those)\s+)?(?:of|among)\s+(?:them|these|those)\b", re.IGNORECASE
)


class Talk(commands.Cog):
    """Answers to whoever mentions the bot, or replies to it. Discord shows the words of no other
    messages to a bot without the privileged intent."""

    def __init__(self, directories: Directories, asked: Asked, gate: Gate) -> None:
        self._directories = directories
        self._asked = asked
        self._gate = gate

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        me = message.guild and message.guild.me
        if me is None or message.author.bot or me not in message.mentions:
            return
        if await self._gate.admit(message):
            await reply(message, self._answer(message, me), self._gate, self._asked)

    async def _answer(self, message: discord.Message, me: discord.Member) -> results.Answer:
        """As /whois would answer the words of a message, or these together with those that the
        answer it replies to was to."""
        words = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
        if not has_alphanumeric(words):
            return view("", [said(sentences.answers.greeting(me.mention))])
        before, forgotten = self._question_before(message, me)
        directory = await self._directories.of(message.guild and message.guild.id)
        query = await _joined(directory, before, words) if before else words
        made = await results.whois(directory, message.author.id, query)
        if forgotten:
            made.add_item(discord.ui.TextDisplay(f"-# {sentences.answers.FORGOTTEN}"))
        return made

    def _question_before(self, message: discord.Message, me: discord.Member) -> tuple[str, bool]:
        """The question that the answer replied to was to, and whether it is forgotten."""
        before = message.reference and message.reference.resolved
        if not isinstance(before, discord.Message) or before.author.id != me.id:
            return "", False
        question = self._asked.recall(before.id)
        return question or "", question is None

    async def about_message(
        self, interaction: discord.Interaction, message: discord.Message
    ) -> None:
        """Whom the message is about, for the asker alone."""

        async def question(directory: Directory, asker: int) -> results.Answer:
            if not has_alphanumeric(message.content):
                raise DirectoryError(sentences.answers.NO_WORDS_IN_MESSAGE)
            return await results.about_text(directory, asker, message.content)

        await results.ask(interaction, self._directories, question, private=True)


async def _joined(directory: Directory, before: str, words: str) -> str:
    """The question that goes on from another: the words of both, and the conditions of both as
    each of them is read by itself. It is the new one alone where both are too long. Raises
    QueryError."""
    words = _OF_THEM.sub("who", _ALSO.sub("", words))
    asked = [await directory.parse(question) for question in (before, words)]
    text = " ".join(query.text for query in asked if query.text)
    parts = [f'"{text}"' if text else "", *(query.filter_text for query in asked)]
    joined = " ".join(filter(None, parts))
    return joined if len(joined) <= QUERY_MAX else words


async def setup(bot: PeopleBot) -> None:
    cog = Talk(bot.directories, bot.asked, bot.gate)
    await bot.add_cog(cog)
    menu = app_commands.ContextMenu(name=sentences.answers.MENU, callback=cog.about_message)
    menu.guild_only = True
    bot.tree.add_command(menu, override=True)
