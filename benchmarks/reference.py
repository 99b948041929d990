"""Encode texts without the rest of the bot: with its model, and with sentence-transformers.

``run_on_model_thread``, ``encode_without_bot`` and ``load_reference`` are the only functions that
use private parts of an Embedder.
"""

import asyncio
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from bot.embedding import Embedder, Vectors
from bot.embedding.model import path_of

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Result = TypeVar("Result")


async def run_on_model_thread(embedder: Embedder, function: Callable[[], Result]) -> Result:
    """Call a function on the thread on which PyTorch was loaded; on others PyTorch is slow."""
    return await asyncio.get_running_loop().run_in_executor(embedder._worker, function)


async def encode_without_bot(embedder: Embedder, text: str) -> Vectors:
    """Encode one text with the bot's fastest encoder, without its cache, batches and checks.
    Return float32[dimension]."""
    return (await run_on_model_thread(embedder, lambda: embedder._load().encode([text])))[0]


class ReferenceEncoder:
    """sentence-transformers with its defaults: a second copy of the same model, on the embedder's
    thread."""

    def __init__(self, embedder: Embedder, model: "SentenceTransformer") -> None:
        self._embedder = embedder
        self._model = model

    async def run(self, function: Callable[[], Result]) -> Result:
        """Call a function that uses ``encode_on_this_thread``. Return its result."""
        return await run_on_model_thread(self._embedder, function)

    def encode_on_this_thread(self, text: str) -> Vectors:
        """Encode one text. Return float32[dimension]."""
        return np.asarray(self._model.encode(text))

    async def encode(self, text: str) -> Vectors:
        """Encode one text. Return float32[dimension]."""
        return await self.run(lambda: self.encode_on_this_thread(text))

    async def encode_all(self, texts: Sequence[str]) -> Vectors:
        """Encode texts in batches of 32. Return float32[texts, dimension]."""

        def encode() -> Vectors:
            vectors = self._model.encode(list(texts), batch_size=32, show_progress_bar=False)
            return np.asarray(vectors)

        return await self.run(encode)


async def load_reference(embedder: Embedder) -> ReferenceEncoder:
    """Load the reference, after the bot's own model."""
    await embedder.embed("loads the bot's model")

    def load() -> "SentenceTransformer":
        from sentence_transformers import SentenceTransformer

        return SentenceTransformer(path_of(embedder.name))

    return ReferenceEncoder(embedder, await run_on_model_thread(embedder, load))
