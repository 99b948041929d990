"""Answering messages that mention the bot, and the command in the menu of a message."""

import re

import discord
from discord import app_commands, ui
from discord.app_commands import locale_str
from discord.ext import commands

from bot.client import PeopleBot
from bot.directory import Directory
from bot.errors import DirectoryError
from bot.interactions import Interaction, answer, reply
from bot.language import _
from bot.person import has_alphanumeric
from bot.query import QUERY_MAX
from cogs import results
from cogs.help import greeting_view
from cogs.paging import PagesView

_SMALL_TALK = frozenset(
    [
        *("hi", "hi there", "hello", "hello there", "hey", "hey there", "howdy", "greetings"),
        *("good morning", "good afternoon", "good evening", "how are you"),
        *("thanks", "many thanks", "thanks a lot", "thank you", "thank you very much", "thx"),
        *("thank you so much", "cheers", "ta", "ty"),
        *("help", "help me", "help please", "please help", "please help me", "can you help me"),
        *("who are you", "what are you", "what is this", "whats this", "how does this work"),
        *(
            "what can you do",
            "what do you do",
            "what can i do",
            "what can i ask",
            "how do you work",
        ),
        *("what else can you do", "how do i use you", "how do i use this", "what can i ask you"),
    ]
)
"""Messages that get the greeting instead of a search, in lower case and without punctuation."""

_CONJUNCTION = re.compile(r"^(?:and|but|also|or|then)\b[\s,:;–—-]*", re.IGNORECASE)

_OF_THEM = re.compile(
    r"\b(?:(?:who|which|any|some|those)\s+)?(?:of|among)\s+(?:them|these|those)\b", re.IGNORECASE
)


class MentionsCog(commands.Cog):
    """Answers messages that mention the bot or reply to it.

    Discord hides the words of all other messages from a bot without the privileged intent.
    """

    def __init__(self, bot: PeopleBot) -> None:
        self._bot = bot

    @commands.Cog.listener()
    async def on_message(self, message: discord.Message) -> None:
        me = message.guild and message.guild.me
        if me is None or message.author.bot or me not in message.mentions:
            return
        if await self._bot.gate.admit(message):
            async with reply(message, self._bot.limiter, self._bot.answers) as response:
                response.view = await self._answer(message, me)

    async def _answer(self, message: discord.Message, me: discord.Member) -> ui.LayoutView:
        """Answer a message as /whois would; a reply is joined with the question it replies to."""
        words = re.sub(rf"<@!?{me.id}>", " ", message.content).strip()
        if not has_alphanumeric(words) or _is_small_talk(words):
            return greeting_view(me.mention)
        question, is_forgotten = self._previous_question(message, me)
        directory = await self._bot.directories.for_server(message.guild and message.guild.id)
        query = await _join_questions(directory, question, words) if question else words
        book = await results.whois(directory, query)
        view = await PagesView(message.author.id, book).show()
        if is_forgotten:
            view.add_item(ui.TextDisplay(f"-# {forgotten_note()}"))
        return view

    def _previous_question(self, message: discord.Message, me: discord.Member) -> tuple[str, bool]:
        """Return the question of the answer that a message replies to, and whether it's forgotten.

        The question is empty if there is none or it's forgotten.
        """
        answered = message.reference and message.reference.resolved
        if not isinstance(answered, discord.Message) or answered.author.id != me.id:
            return "", False
        question = self._bot.answers.question_of(answered.id)
        return question or "", question is None

    async def about_message(self, interaction: Interaction, message: discord.Message) -> None:
        """Show the people that a message is about, privately."""
        async with answer(interaction, private=True) as response:
            directory = await interaction.client.directories.for_server(interaction.guild_id)
            if not has_alphanumeric(message.content):
                raise DirectoryError(_("That message has no words to search for."))
            book = await results.about_text(directory, message.content)
            response.view = await PagesView(interaction.user.id, book).show()


def forgotten_note() -> str:
    """Return the line below the answer to a reply whose question was forgotten."""
    return _("I no longer have the question you replied to, so I treated this as a new one.")


def _is_small_talk(words: str) -> bool:
    letters = re.sub(r"[^\w\s]", "", words.casefold())
    return " ".join(letters.split()) in _SMALL_TALK


async def _join_questions(directory: Directory, previous: str, words: str) -> str:
    """Return a query with the words and conditions of both questions.

    If that is too long, return only the second. Raises QueryError.
    """
    words = _OF_THEM.sub("who", _CONJUNCTION.sub("", words))
    queries = [await directory.parse(question) for question in (previous, words)]
    text = " ".join(query.text for query in queries if query.text)
    parts = [f'"{text}"' if text else "", *(query.filter_text for query in queries)]
    joined = " ".join(filter(None, parts))
    return joined if len(joined) <= QUERY_MAX else words


async def setup(bot: PeopleBot) -> None:
    cog = MentionsCog(bot)
    await bot.add_cog(cog)
    menu = app_commands.ContextMenu(
        name=locale_str("Who is this about?"), callback=cog.about_message
    )
    menu.guild_only = True
    bot.tree.add_command(menu, override=True)
