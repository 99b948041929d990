"""The bot mentioned, answered, and asked about a message, in an offline Discord."""

from typing import Any

import pytest
from simcord.results import ResponseMessage

from bot.directory import Directory
from tests.world import World, message_text, texts


async def say(world: World, words: str, **options: Any) -> str | None:
    """What the bot says to a message; None if it keeps silent."""
    before = len(messages(world))
    await world.member.send(world.channel, words, **options)
    answer = messages(world)[before + 1 :]
    assert len(answer) <= 1
    return message_text(answer[0]) if answer else None


def messages(world: World) -> list[ResponseMessage]:
    stored = world.env.backend.messages.get(world.channel.id, {})
    return [ResponseMessage(world.env, message) for message in stored.values()]


def mention(world: World) -> str:
    return world.env.bot.user.mention


async def test_a_mention_is_answered_as_whois_would(world: World):
    answer = await say(world, f"{mention(world)} singer")
    assert answer and answer.startswith("-# Closest to “singer”") and "## Björk" in answer
    assert (await say(world, f"marie curie {mention(world)}") or "").startswith("## Marie Curie")


async def test_messages_without_a_mention_of_the_bot_are_ignored(world: World):
    for words in ("singer", "@everyone singer", "Who is a singer?", "<@1> singer"):
        assert await say(world, words) is None
    before = len(messages(world))
    other = world.env.guild.add_member(world.env.create_user("other bot", bot=True))
    await other.send(world.channel, f"{mention(world)} singer")
    assert len(messages(world)) == before + 1


async def test_the_words_of_a_mention_are_not_logged(
    world: World, caplog: pytest.LogCaptureFixture
):
    failed: list[object] = []

    async def on_command_error(context: object, error: object) -> None:
        failed.append(error)

    world.env.bot.add_listener(on_command_error)
    caplog.set_level("DEBUG")
    for words in ("secretword", "secretword died<soon"):
        assert await say(world, f"{mention(world)} {words}")
    ours = [record for record in caplog.records if record.name.startswith(("bot", "cogs"))]
    assert not failed and not any("secretword" in record.getMessage() for record in ours)


async def test_a_mention_without_words_is_greeted(world: World):
    for words in ("", "?!", "👋"):
        answer = await say(world, f"{mention(world)} {words}")
        assert answer and "I find people by what they did" in answer and "/help" in answer


@pytest.mark.parametrize(
    "words", ["help", "Hi!", "hello :)", "Thanks!!", "thank you", "what can you do?", "HELP ME"]
)
async def test_small_talk_is_greeted_instead_of_searched(world: World, words: str):
    for said in (f"{mention(world)} {words}", f"{words} {mention(world)}"):
        assert "I find people by what they did" in (await say(world, said) or "")


@pytest.mark.parametrize("words", ["who helps", "hello singer", "thanks to whom?"])
async def test_questions_with_a_word_of_small_talk_are_searched(world: World, words: str):
    assert "Closest to" in (await say(world, f"{mention(world)} {words}") or "")


@pytest.mark.parametrize(
    ("example", "shows"),
    [
        ("/whois entertainer", "Closest to “entertainer”"),
        ("/search science died<2000", "`died<2000`"),
    ],
)
async def test_the_examples_of_the_greeting_can_be_pressed_by_anyone(
    world: World, example: str, shows: str
):
    await say(world, mention(world))
    pressed = await world.admin.click(messages(world)[-1], label=example)
    assert pressed.ephemeral and pressed.response
    assert shows in message_text(pressed.response)


async def test_the_greeting_offers_the_map(world: World):
    await say(world, mention(world))
    pressed = await world.member.click(messages(world)[-1], label="/map")
    assert pressed.ephemeral and pressed.response
    (gallery,) = pressed.response.components
    assert "3 people" in gallery["items"][0]["description"]


async def test_a_query_error_is_shown_in_the_channel(world: World):
    answer = await say(world, f"{mention(world)} singer died<soon")
    assert answer and '"soon" is neither' in answer and "^" in answer
    assert len(await say(world, f"{mention(world)} {'x' * 600}") or "") < 2000


async def test_a_reply_continues_the_question(world: World, directory: Directory):
    await directory.people.add("Édith Piaf", "singer", {"born": 1915, "died": 1963})
    first = await say(world, f"{mention(world)} singer")
    assert first and "Björk" in first and "Piaf" in first
    answer = messages(world)[-1]
    said = await say(world, "and who of them died before 2000?", reply_to=answer)
    assert said and "`died<2000`" in said and "Piaf" in said and "Björk" not in said
    # The answer to the reply is one to go on from, too.
    said = await say(world, "who was born after 1914?", reply_to=messages(world)[-1])
    assert said and "`died<2000` `born>1914`" in said and "Closest to “singer”" in said


async def test_the_conditions_of_both_questions_are_parsed_separately(world: World):
    await say(world, f"{mention(world)} who won two prizes")
    answer = await say(world, "and who of them died before 1990?", reply_to=messages(world)[-1])
    assert answer and "who won two prizes”\n`died<1990`" in answer and "Marie Curie" in answer
    answer = await say(world, "died<soon", reply_to=messages(world)[-1])
    assert answer and '"soon" is neither' in answer


async def test_a_reply_to_a_command_continues_it_if_it_mentions_the_bot(world: World):
    result = await world.member.slash(world.channel, "search", query="singer")
    assert result.response
    words = f"{mention(world)} and who of them is alive?"
    answer = await say(world, words, reply_to=result.response)
    assert answer and "Closest to “singer”" in answer and "`is:alive`" in answer


async def test_after_a_restart_a_reply_is_a_new_question_and_says_so(world: World):
    await say(world, f"{mention(world)} singer")
    world.env.bot.answers._questions.clear()
    answer = await say(world, "mathematician", reply_to=messages(world)[-1])
    assert answer and "## Paul Erdős" in answer and "a new one" in answer


async def test_a_reply_to_another_member_is_a_new_question(world: World):
    other = await world.admin.send(world.channel, "I like singers")
    answer = await say(world, f"{mention(world)} mathematician", reply_to=other)
    assert answer and answer.startswith("-# Closest to “mathematician”")


async def test_only_the_person_who_asked_can_turn_the_pages(world: World, directory: Directory):
    for number in range(20):
        await directory.people.add(f"Singer {number}", "singer", {})
    await say(world, f"{mention(world)} singer")
    answer = messages(world)[-1]
    strange = await world.admin.click(answer, label="Next ›")
    assert (
        strange.ephemeral
        and strange.response
        and "Only the person who asked" in strange.response.content
    )
    before = message_text(answer)
    await world.member.click(answer, label="Next ›")
    assert message_text(answer) != before and "Singer" in message_text(answer)


async def test_the_controls_of_a_reply_expire(world: World, directory: Directory):
    for number in range(20):
        await directory.people.add(f"Singer {number}", "singer", {})
    await say(world, f"{mention(world)} singer")
    assert "Next ›" in str(messages(world)[-1].components)
    await world.env.advance_time(901)
    left = str(messages(world)[-1].components)
    assert "Next ›" not in left and "Show details" in left


@pytest.mark.parametrize(
    ("words", "says"),
    [
        ("Yesterday I read about marie curie's life.", "## Marie Curie"),
        ("paul erdős met Marie Curie? No.", "## Paul Erdős"),
        ("they were a singer", "Closest to “they were a singer”"),
        ("singer died<soon ((", "Closest to “singer died"),
    ],
)
async def test_the_message_menu_shows_whom_a_message_is_about(world: World, words: str, says: str):
    message = await world.admin.send(world.channel, words)
    result = await world.member.context_menu(world.channel, "Who is this about?", message)
    assert result.ephemeral and result.response
    assert says in "\n".join(texts(result.response.components))


async def test_the_message_menu_refuses_a_message_without_words(world: World):
    message = await world.admin.send(world.channel, "👍")
    result = await world.member.context_menu(world.channel, "Who is this about?", message)
    assert result.ephemeral and result.response and "no words" in result.response.content


async def test_without_message_history_the_bot_writes_instead_of_replying(world: World):
    world.env.inject_error("POST", "/channels/*/messages", status=403)
    assert "## Björk" in (await say(world, f"{mention(world)} singer") or "")


async def test_an_answer_does_not_depend_on_the_typing_indicator(world: World):
    world.env.inject_error("POST", "/channels/*/typing", status=403)
    assert "## Björk" in (await say(world, f"{mention(world)} singer") or "")


async def test_an_unexpected_error_in_a_mention_shows_a_code(
    world: World, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    async def broken(*arguments: object, **options: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(Directory, "search", broken)
    answer = await say(world, f"{mention(world)} secretword")
    assert answer and answer.split("`")[1] in caplog.text and "secretword" not in caplog.text


async def test_a_reply_to_a_greeting_or_an_error_is_a_new_question(world: World):
    for before in ("", "singer died<soon"):  # a greeting, and an error
        await say(world, f"{mention(world)} {before}")
        answer = await say(world, "mathematician", reply_to=messages(world)[-1])
        assert answer and answer.startswith("-# Closest to “mathematician”")
        assert "a new one" not in answer


async def test_a_long_thread_continues_from_its_last_question(world: World):
    await say(world, f"{mention(world)} {'singer ' * 60}")
    answer = await say(world, f"mathematician {'number ' * 20}", reply_to=messages(world)[-1])
    assert answer and "## Paul Erdős" in answer


async def test_a_channel_without_write_permission_is_logged(
    world: World, caplog: pytest.LogCaptureFixture
):
    world.env.inject_error("POST", "/channels/*/messages", status=403, times=2)
    assert await say(world, f"{mention(world)} singer") is None
    assert "Could not answer" in caplog.text


@pytest.fixture
async def directory(world: World) -> Directory:
    return await world.directory()
