"""The bot's command line, connected to a FakeDiscord, with an embedder that loads instantly unless
REAL_MODEL is set.

python -m tests.discord_server.bot PORT [ARGUMENTS OF python -m bot]
"""

import os
import sys
from typing import Self

import yarl
from discord.client import Client
from discord.gateway import DiscordWebSocket
from discord.http import Route

from bot.__main__ import app
from bot.cli import runtime
from tests.discord_server.rest import ROOT
from tests.embedders import WordEmbedder


class QuickEmbedder(WordEmbedder):
    """Replaces the model that the settings name."""

    def __init__(self, model: str) -> None:
        pass

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        pass

    def preload(self) -> None:
        pass


async def do_not_wait(self: Client, shard_id: int | None, *, initial: bool = False) -> None:
    """Replaces the wait of five seconds that the real Discord requires between two sessions."""


def main() -> None:
    port = sys.argv.pop(1)
    Route.BASE = f"http://127.0.0.1:{port}{ROOT}"
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"ws://127.0.0.1:{port}/gateway")
    Client.before_identify_hook = do_not_wait
    if not os.environ.get("REAL_MODEL"):
        runtime.Embedder = QuickEmbedder  # type: ignore[misc]
    app()


if __name__ == "__main__":
    main()
