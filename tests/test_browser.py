"""The preview used as a person would: typed, pressed and looked at in a real browser, on a wide and
on a phone-sized screen. ``--pictures FOLDER`` saves what was seen (``make pictures``: for the
README)."""

import os
import re
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, TimeoutError, async_playwright

from bot.preview import REFRESH_SECONDS
from tests.conftest import ROOT

pytestmark = pytest.mark.slow

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
SCREENS = {"wide": (1000, 1300), "phone": (390, 844)}
MESSAGES = "#channel-message-list > article"

if CHROMIUM is None and not os.environ.get("CI"):
    pytest.skip("there is no Chromium on this machine", allow_module_level=True)


@pytest.fixture(scope="module", params=SCREENS)
def kind(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture(scope="module")
def address(kind: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Of the page that the bot serves, as its own process, with the real model."""
    data = tmp_path_factory.mktemp("browser")
    hidden = ("DISCORD_TOKEN", "REDIS_URL")
    clean = {key: value for key, value in os.environ.items() if key not in hidden}
    process = subprocess.Popen(
        [sys.executable, "-m", "bot", "preview", "--no-browser"],
        cwd=ROOT,
        env={**clean, "DATA_DIR": str(data), "PYTHONUNBUFFERED": "1"},
        stdout=subprocess.PIPE,
        text=True,
    )
    with process:
        assert process.stdout
        yield re.findall(r"http\S+", process.stdout.readline())[0]
        process.terminate()
        process.stdout.read()
    assert process.returncode == 0


class Screen:
    """Somebody at the page."""

    def __init__(self, page: Page, name: str, pictures: Path | None) -> None:
        self.page = page
        self.name = name
        self._pictures = pictures
        self._composer = page.locator("#channel-composer-input")
        self._messages = page.locator(MESSAGES)

    async def command(self, command: str, /, **options: str | Path) -> Locator:
        """Type a command and its options, and send it; the new answer. A path is a file."""
        before = await self._messages.count()
        await self._write(command, options)
        return await self._newest(before + 1)

    async def _write(self, command: str, options: dict[str, str | Path]) -> None:
        await self._begin(command)
        for option, value in options.items():
            if isinstance(value, Path):
                await self.page.locator(f"input[type=file][data-option={option}]").set_input_files(
                    value
                )
                continue
            pill = self.page.locator(f"input[data-option={option}]")
            if not await pill.count():
                await self.page.locator(".command-ghost").click()
                await self.page.locator(f".command-suggestion[data-value={option}]").click()
            await pill.click()
            await self._type(value)
        if not await self._composer.count():
            await self.page.get_by_label("Send").click()

    async def _begin(self, command: str) -> None:
        await self._composer.click()
        await self._type(f"/{command}")
        await self.page.get_by_role("option").filter(has_text=f"/{command}").first.wait_for()
        await self.page.keyboard.press("Enter")

    async def offered(self, command: str, typed: str) -> list[str]:
        """What is offered while a query is typed."""
        await self._begin(command)
        await self.page.locator("input[data-option=query]").click()
        await self._type(typed)
        await self.page.wait_for_selector(".command-suggestion")
        await self.page.wait_for_timeout(500)
        return await self.page.locator(".command-suggestion").all_inner_texts()

    async def open_form(self, command: str, /, **options: str) -> None:
        """Type a command and its options, and send it; a form opens."""
        await self._write(command, {**options})

    async def submit(self, form: Locator) -> Locator:
        """Send a form; the new answer."""
        before = await self._messages.count()
        await form.get_by_role("button", name="Submit").click()
        return await self._newest(before + 1)

    async def say(self, words: str) -> Locator:
        """Write a message, and see what the bot says to it."""
        before = await self._messages.count()
        await self._composer.click()
        await self._type(words)
        await self.page.keyboard.press("Enter")
        return await self._newest(before + 2)

    async def press(self, message: Locator, label: str, *, new: bool) -> Locator:
        """Press a button; a ``new`` answer comes, or the message changes."""
        before = await self._messages.count()
        text = await message.inner_text()
        button = message.get_by_role("button", name=label, exact=True).first
        await button.click()
        if new:
            return await self._newest(before + 1)
        while await message.inner_text() == text:
            with suppress(TimeoutError):  # a press on what was just shown anew is not taken
                await self._changed(message, text)
                break
            await button.click()
        return message

    async def _changed(self, message: Locator, text: str) -> None:
        await self.page.wait_for_function(
            "([element, text]) => element.innerText !== text",
            arg=[await message.element_handle(), text],
            timeout=20_000,
        )

    async def see(self, message: Locator, picture: str) -> str:
        """What a message says; nothing of it is cut off or stands out of the page."""
        await message.scroll_into_view_if_needed()
        await self.page.wait_for_timeout(150)
        out = await message.evaluate(
            """message => [...message.querySelectorAll('*')].filter(element => {
                const box = element.getBoundingClientRect()
                return box.width && box.right > document.documentElement.clientWidth + 1
            }).map(element => element.outerHTML.slice(0, 200))"""
        )
        assert not out, f"{picture} on a {self.name} screen: {out[:3]}"
        if self._pictures:
            await message.screenshot(path=self._pictures / f"{picture}-{self.name}.png")
        return await message.inner_text()

    async def _type(self, text: str) -> None:
        """Type, and see to it that the page would take an Enter: not while it is busy."""
        await self.page.keyboard.type(text)
        await self.page.wait_for_timeout(250)
        await self.page.wait_for_selector("#preview-app[aria-busy=false]")

    async def _newest(self, count: int) -> Locator:
        await self.page.wait_for_function(
            "([messages, count]) => document.querySelectorAll(messages).length >= count",
            arg=[MESSAGES, count],
        )
        latest = self.page.get_by_text("jump to latest")
        if await latest.count() and await latest.first.is_visible():
            await latest.first.click()
        await self.page.wait_for_timeout(150)
        return self._messages.nth(count - 1)


@pytest.fixture
async def screen(address: str, kind: str, request: pytest.FixtureRequest) -> AsyncIterator[Screen]:
    width, height = SCREENS[kind]
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"]
        )
        page = await browser.new_page(viewport={"width": width, "height": height})
        page.set_default_timeout(60_000)  # ms; the machine may have other things to do
        await page.goto(address)
        await page.wait_for_selector("#channel-composer-input")
        yield Screen(page, kind, request.config.getoption("--pictures"))
        await browser.close()


async def test_the_empty_channel_has_a_greeting(screen: Screen):
    greeting = screen.page.locator(MESSAGES).first
    answer = await screen.press(greeting, "/whois entertainer", new=True)
    assert "Only you can see this" in await answer.inner_text()
    assert "I find people by what they did" in await screen.see(greeting, "greeting")


async def test_finding(screen: Screen):
    said = await screen.see(await screen.command("whois", query="entertainer"), "whois")
    assert "Closest to “entertainer”" in said and "Björk" in said
    answer = await screen.command("search", query="scientists who died before 2000")
    said = await screen.see(answer, "search")
    assert "died<2000" in said and "Ignore conditions" in said
    assert "Marie Curie" in said
    said = await screen.see(await screen.press(answer, "Next ›", new=False), "search-page-2")
    assert "Marie Curie" not in said
    await screen.press(answer, "Ignore conditions", new=False)
    assert "Use conditions" in await screen.see(answer, "search-literal")
    said = await screen.see(await screen.command("search", query="asdfghjkl"), "nothing-close")
    assert "There's no close match" in said and "Closest matches" in said


async def test_walking(screen: Screen):
    answer = await screen.command("similar", person="Marie Curie", query="music")
    said = await screen.see(answer, "similar")
    assert "People like Marie Curie, but closer to “music”" in said
    card = await screen.press(answer, "Show details", new=True)
    assert "Only you can see this" in await screen.see(card, "details")
    assert "People like " in await screen.see(
        await screen.press(card, "Find similar", new=True), "kin"
    )


async def test_looking_round(screen: Screen):
    said = await screen.see(await screen.command("people"), "people")
    assert "Everyone in the directory" in said and "112 people" in said
    assert "Show another" in await screen.see(await screen.command("random"), "random")
    assert "bytes per person" in await screen.see(await screen.command("about"), "about")
    answer = await screen.command("map")
    await screen.page.wait_for_function(
        "image => image.complete && image.naturalWidth",
        arg=await answer.locator("img").element_handle(),
    )
    await screen.see(answer, "map")
    alt = await answer.locator("img").get_attribute("alt") or ""
    assert alt.startswith("112 people. A map of 112 people, ")


async def test_help_teaches(screen: Screen):
    shown = await screen.command("help")
    assert "Finding people" in await screen.see(shown, "help")
    answer = await screen.press(shown, "/whois entertainer", new=True)
    assert "Björk" in await screen.see(answer, "help-example")
    for topic in ("Conditions", "Mentions", "Browsing", "Editing"):
        shown = await screen.press(shown, topic, new=True)
        assert topic in await screen.see(shown, f"help-{topic.split()[0].lower()}")


async def test_talking(screen: Screen):
    said = await screen.see(await screen.say("@Who who won two Nobel prizes?"), "talk")
    assert "Linus Pauling" in said


async def test_mistakes(screen: Screen):
    for number, (command, options, says) in enumerate(
        [
            ("search", {"query": "singer born<soon"}, '"soon" is neither'),
            ("search", {"query": "science dead<2000"}, "Did you mean died?"),
            ("people", {"filter": "singer"}, "isn't a condition"),
            ("similar", {"person": "Nobody Inparticular"}, "Nobody here is called"),
            ("map", {"colour_by": "height"}, "I can't colour the map by"),
        ]
    ):
        said = await screen.see(await screen.command(command, **options), f"mistake-{number}")
        assert says in said and "Only you can see this" in said


@pytest.mark.parametrize(
    ("command", "typed", "offered"),
    [
        ("whois", "cur", "Marie Curie"),
        ("whois", "mandla", "Nelson Mandela"),
        ("search", "poets country:ir", "poets country:Iran"),
    ],
)
async def test_typing_is_completed(screen: Screen, command: str, typed: str, offered: str):
    assert offered in await screen.offered(command, typed)


async def test_forms(screen: Screen):
    page, name = screen.page, f"Grace {screen.name}"
    for command, options, born in [
        ("addperson", {}, "1906"),
        ("editperson", {"name": name}, "1907"),
    ]:
        await screen.open_form(command, **options)
        form = page.get_by_role("dialog").last
        if not options:
            await form.get_by_label("Name").fill(name)
            await form.get_by_label("Description").fill("Wrote the first compiler.")
        await form.get_by_label("Born").fill(born)
        await screen.see(form, command)
        answer = await screen.submit(form)
        assert f"{name}\n\nborn {born}" in await screen.see(answer, f"{command}-saved")


async def test_keeping(screen: Screen):
    name = f"Ada {screen.name}"
    said = await screen.see(
        await screen.command("addperson", name=name, description="The first programmer."), "added"
    )
    assert "Added." in said and name in said
    answer = await screen.command(
        "setattribute", name=name, attribute="known_for", value="mathematics, poetry"
    )
    assert "known_for mathematics, poetry" in await screen.see(answer, "setattribute")
    asked = await screen.command("removeperson", name=name)
    assert "Remove this person" in await screen.see(asked, "removal")
    said = await screen.see(await screen.press(asked, "Remove", new=False), "removed")
    assert f"Removed {name}" in said


async def test_importing_and_taking_back(screen: Screen, tmp_path: Path):
    file = tmp_path / f"{screen.name}.csv"
    file.write_text("name;description;born\nAda I;Somebody.;1815\nAda II;Somebody.;soon\n")
    asked = await screen.command("import", file=file)
    said = await screen.see(asked, "import")
    assert "1 to add · 1 refused" in said and "line 3 (Ada II)" in said and "refused.csv" in said
    said = await screen.see(await screen.press(asked, "Import", new=False), "imported")
    assert "Added 1 person." in said and "change #" in said
    said = await screen.see(await screen.command("history"), "history")
    assert f"imported 1 person from {file.name}" in said
    assert re.search(r"#\d+ .*(now|ago|in 1 second) · admin", said), "the clock goes"
    asked = await screen.command("undo")
    assert "Added Ada I" in await screen.see(asked, "undo")
    said = await screen.see(await screen.press(asked, "Undo", new=False), "undone")
    assert "Undid change #" in said and "Undo the undo" in said


async def test_a_long_import_shows_how_far_it_is_and_stops(screen: Screen, tmp_path: Path):
    file = tmp_path / f"{screen.name}.jsonl"
    person = '{{"name": "Singer {0} of {1}", "description": "A singer of the {0}th song."}}\n'
    file.write_text("".join(person.format(number, screen.name) for number in range(4000)))
    asked = await screen.command("import", file=file)
    await screen.press(asked, "Import", new=False)
    await asked.get_by_text(re.compile(r"\d of 4,000")).wait_for()
    stop = asked.get_by_role("button", name="Stop", exact=True)
    while await stop.count():  # a press on what was just shown anew is not taken
        with suppress(TimeoutError):  # it is being taken
            await stop.click(timeout=1000)
    await asked.get_by_text("Stopped after").wait_for()
    assert "of 4,000 people" in await screen.see(asked, "stopped")
    await screen.page.wait_for_timeout(2000 * REFRESH_SECONDS)  # once more it is shown anew
    undone = await screen.press(await screen.command("undo"), "Undo", new=False)
    assert "Undid change #" in await screen.see(undone, "undone")
