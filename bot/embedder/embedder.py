"""A model on a thread of its own.

PyTorch is fastest when it is imported, loaded and run on the same one thread, and 32 texts in one
batch cost a fraction of 32 texts one by one; hence one worker, and a batch of whatever waits.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Protocol, Self

import numpy as np

from bot.embedder.model import DEFAULT_MODEL, Model, Vectors, path_of

log = logging.getLogger(__name__)

BATCH = 32
CACHED = 4096  # texts of queries whose vectors are kept: 6 MB


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
    """A model that is loaded at its first use or, ahead of it, by ``prepare``: see Model. Close it,
    or use it as a context manager."""

    def __init__(self, model: str = "") -> None:
        self.name = model or DEFAULT_MODEL
        path_of(self.name)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._closed = False
        self._model: Model | None = None
        self._known: OrderedDict[str, Vectors] = OrderedDict()
        self._waiting: dict[str, asyncio.Future[Vectors]] = {}
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
        one batch; what was asked lately is not encoded again. Raises SettingError if the model
        cannot be used."""
        if text in self._known:
            self._known.move_to_end(text)
            return self._known[text]
        future = self._waiting.get(text)
        if future is None:
            future = self._waiting[text] = asyncio.get_running_loop().create_future()
            if self._batching is None or self._batching.done():
                self._batching = asyncio.create_task(self._encode_waiting())
        return await asyncio.shield(future)  # others may wait for the same

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        """``texts`` as unit vectors, float32[len(texts), dimension], in their order. Those of like
        length are encoded together, and queries are let in between batches of 32. Raises
        SettingError if the model cannot be used."""
        order = sorted(range(len(texts)), key=lambda place: len(texts[place]))
        vectors = np.empty((0, 0), np.float32)
        for start in range(0, len(texts), BATCH):
            places = order[start : start + BATCH]
            encoded = await self._encode([texts[place] for place in places])
            if not start:
                vectors = np.empty((len(texts), encoded.shape[1]), np.float32)
            vectors[places] = encoded
        return vectors

    async def knows(self, text: str) -> bool:
        """As Model.knows."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, lambda: self._load().knows(text))

    async def _encode_waiting(self) -> None:
        while self._waiting:
            batch = {text: self._waiting[text] for text in [*self._waiting][:BATCH]}
            try:
                vectors = await self._encode([*batch])
            except asyncio.CancelledError:
                for future in batch.values():
                    future.cancel()
                raise
            except Exception as error:
                for future in batch.values():
                    future.set_exception(error)
                    future.exception()  # whoever asked may have given up
            else:
                for (text, future), vector in zip(batch.items(), vectors, strict=True):
                    own = vector.copy()  # which does not hold the others of the batch
                    own.flags.writeable = False
                    self._keep(text, own)
                    future.set_result(own)
            finally:
                for text in batch:
                    del self._waiting[text]

    def _keep(self, text: str, vector: Vectors) -> None:
        self._known[text] = vector
        if len(self._known) > CACHED:
            self._known.popitem(last=False)

    async def _encode(self, texts: Sequence[str]) -> Vectors:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._worker, lambda: self._load().encode(texts))

    def _log_failure(self, loading: Future[Model]) -> None:
        if not self._closed and (error := loading.exception()):
            log.error("%s", error)

    def _load(self) -> Model:
        if self._model is None:
            self._model = Model(self.name)
        return self._model
