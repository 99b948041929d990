"""A model on a thread of its own.

PyTorch is fastest when it is imported, loaded and run on a single thread, and a batch of 32 texts
costs a fraction of 32 single texts; hence one worker thread, which encodes waiting texts together.
"""

import asyncio
import logging
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from itertools import zip_longest
from typing import Protocol, Self, TypeVar

import numpy as np

from bot.embedding.model import DEFAULT_MODEL, Model, Vectors, path_of

log = logging.getLogger(__name__)

BATCH = 32
LENGTHS_BATCH = 1000  # texts tokenized at once, in about 20 ms
CACHE_SIZE = 2000  # query texts whose vectors are cached: 4 MB

T = TypeVar("T")


class TextEmbedder(Protocol):
    """What a directory needs from an embedder: see Embedder. ``name`` is the model's."""

    name: str

    async def embed(self, text: str) -> Vectors: ...

    async def embed_all(self, texts: Sequence[str]) -> Vectors: ...

    async def lengths(self, texts: Sequence[str]) -> list[int]: ...

    async def knows(self, text: str) -> bool: ...


class Embedder:
    """A model that is loaded by ``preload`` or at its first use. Close it, or use it as a context
    manager."""

    def __init__(self, model: str = "") -> None:
        self.name = model or DEFAULT_MODEL
        path_of(self.name)
        self._worker = ThreadPoolExecutor(1, thread_name_prefix="embedder")
        self._closed = False
        self._model: Model | None = None
        self._cache: OrderedDict[str, Vectors] = OrderedDict()
        self._waiting: dict[str, list[asyncio.Future[Vectors]]] = {}
        self._encoding: dict[str, list[asyncio.Future[Vectors]]] = {}

    def preload(self) -> None:
        """Start loading in the background. A failure is logged, and raised by the first search."""
        self._worker.submit(self._load).add_done_callback(self._log_failure)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """Stop the worker, dropping the texts that wait."""
        self._closed = True
        self._worker.shutdown(wait=False, cancel_futures=True)

    async def embed(self, text: str) -> Vectors:
        """Return a text as a unit vector, float32[dimension]. Waiting texts are encoded as one
        batch, and recent ones come from a cache. Raises SettingError if the model can't be
        used."""
        if text in self._cache:
            self._cache.move_to_end(text)
            return self._cache[text]
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Vectors] = loop.create_future()
        if text in self._encoding:
            self._encoding[text].append(future)
        else:
            if not (self._waiting or self._encoding):
                # after other callers in this turn of the loop
                loop.call_soon(self._encode_waiting, loop)
            self._waiting.setdefault(text, []).append(future)
        return await future

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        """Return texts as unit vectors, float32[len(texts), dimension], in the same order. Texts
        of similar length are encoded together, and queries are served between batches. Raises
        SettingError if the model can't be used."""
        lengths = await self.lengths(texts)
        order = sorted(range(len(texts)), key=lengths.__getitem__)
        vectors = np.empty((0, 0), np.float32)
        for start in range(0, len(texts), BATCH):
            places = order[start : start + BATCH]
            batch = [texts[place] for place in places]
            encoded = await self._run(partial(Model.encode, texts=batch))
            if not start:
                vectors = np.empty((len(texts), encoded.shape[1]), np.float32)
            vectors[places] = encoded
        return vectors

    async def lengths(self, texts: Sequence[str]) -> list[int]:
        """Return the number of tokens of each text. Texts of similar length are best embedded
        together. Queries are served between batches."""
        lengths: list[int] = []
        for start in range(0, len(texts), LENGTHS_BATCH):
            some = texts[start : start + LENGTHS_BATCH]
            lengths += await self._run(partial(Model.lengths, texts=some))
        return lengths

    async def knows(self, text: str) -> bool:
        """Return whether at least one of the words means something to the model."""
        return await self._run(partial(Model.knows, text=text))

    def _encode_waiting(self, loop: asyncio.AbstractEventLoop) -> None:
        """Start encoding up to BATCH texts that someone is still waiting for."""
        for text, futures in [*self._waiting.items()]:
            if all(future.done() for future in futures):
                del self._waiting[text]
        texts = [*self._waiting][:BATCH]
        self._encoding = {text: self._waiting.pop(text) for text in texts}
        if texts:
            work = self._submit(partial(Model.encode, texts=texts))
            work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._deliver, loop, work))

    def _deliver(self, loop: asyncio.AbstractEventLoop, work: Future[Vectors]) -> None:
        """Hand the vectors, or the error, to the callers, and start on the next batch."""
        encoded, self._encoding = self._encoding, {}
        if self._waiting:
            self._encode_waiting(loop)
        error: Exception | None = None
        vectors: Iterable[Vectors] = ()
        try:
            vectors = map(self._add_to_cache, encoded, work.result())
        except Exception as raised:
            error = raised
        for futures, vector in zip_longest(encoded.values(), vectors):
            for future in futures:
                if not future.done():
                    future.set_exception(error) if error else future.set_result(vector)

    def _add_to_cache(self, text: str, vector: Vectors) -> Vectors:
        own = vector.copy()  # a view would keep its whole batch in memory
        own.flags.writeable = False
        self._cache[text] = own
        if len(self._cache) > CACHE_SIZE:
            self._cache.popitem(last=False)
        return own

    async def _run(self, work: Callable[[Model], T]) -> T:
        return await asyncio.wrap_future(self._submit(work))

    def _submit(self, work: Callable[[Model], T]) -> Future[T]:
        """Run ``work`` on the worker thread. After ``close``, the future has a RuntimeError."""
        try:
            return self._worker.submit(lambda: work(self._load()))
        except RuntimeError as closed:
            rejected: Future[T] = Future()
            rejected.set_exception(closed)
            return rejected

    def _log_failure(self, loading: Future[Model]) -> None:
        if not self._closed and (error := loading.exception()):
            log.error("%s", error)

    def _load(self) -> Model:
        if self._model is None:
            self._model = Model(self.name)
        return self._model
