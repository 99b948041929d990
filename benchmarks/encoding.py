"""The bot's model and the reference, without the bot around them.

All that is asked of the inside of an Embedder is asked here: ``on_its_thread``, ``encode_alone``
and ``load_reference``.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from bot.embedding import Embedder, Vectors
from bot.embedding.model import path_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Answer = TypeVar("Answer")


async def on_its_thread(embedder: Embedder, work: Callable[[], Answer]) -> Answer:
    """What a function answers on the thread on which PyTorch was loaded: on another it is slow."""
    return await asyncio.get_running_loop().run_in_executor(embedder._worker, work)


async def encode_alone(embedder: Embedder, text: str) -> Vectors:
    """One text by the bot's fastest way, float32[dimension]: no cache, no batch, no checks."""
    return (await on_its_thread(embedder, lambda: embedder._load().encode([text])))[0]


class Reference:
    """sentence-transformers as it comes: the same model once more, on the embedder's thread."""

    def __init__(self, embedder: Embedder, model: "SentenceTransformer") -> None:
        self._embedder = embedder
        self._model = model

    async def run(self, work: Callable[[], Answer]) -> Answer:
        """What a function answers that calls ``encode_here``."""
        return await on_its_thread(self._embedder, work)

    def encode_here(self, text: str) -> Vectors:
        """One text, float32[dimension], on this thread."""
        return np.asarray(self._model.encode(text))

    async def encode(self, text: str) -> Vectors:
        """One text, float32[dimension]."""
        return await self.run(lambda: self.encode_here(text))

    async def encode_all(self, texts: Sequence[str]) -> Vectors:
        """Many texts in batches of 32, float32[texts, dimension]."""

        def encode() -> Vectors:
            vectors = self._model.encode(list(texts), batch_size=32, show_progress_bar=False)
            return np.asarray(vectors)

        return await self.run(encode)


async def load_reference(embedder: Embedder) -> Reference:
    """The reference, loaded after the bot's own model."""
    await embedder.embed("loads it")

    def load() -> "SentenceTransformer":
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(path_of(embedder.name))

    return Reference(embedder, await on_its_thread(embedder, load))
