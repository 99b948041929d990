"""A model on a thread of its own.

PyTorch is fastest when it is imported, loaded and run on the same one thread, and 32 texts in one
batch cost a fraction of 32 texts one by one; hence one worker, and a batch of whatever waits.
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
MEASURED = 1000  # texts whose lengths are found at once, in some 20 ms
CACHED = 2000  # texts of queries whose vectors are kept: 4 MB

T = TypeVar("T")


class Embeds(Protocol):
    """What a directory needs of an embedder."""

    name: str

    async def embed(self, text: str) -> Vectors:
        """One text as a unit vector, float32[dimension]."""
        ...

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        """Many texts as unit vectors, float32[len(texts), dimension]."""
        ...

    async def lengths(self, texts: Sequence[str]) -> list[int]:
        """What each text costs to embed, in pieces; texts of like length are best embedded
        together."""
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
        self._waiting: dict[str, list[asyncio.Future[Vectors]]] = {}
        self._encoding: dict[str, list[asyncio.Future[Vectors]]] = {}

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
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Vectors] = loop.create_future()
        if text in self._encoding:
            self._encoding[text].append(future)
        else:
            if not (self._waiting or self._encoding):
                loop.call_soon(self._encode_waiting, loop)  # after all who ask at once
            self._waiting.setdefault(text, []).append(future)
        return await future

    async def embed_all(self, texts: Sequence[str]) -> Vectors:
        """``texts`` as unit vectors, float32[len(texts), dimension], in their order. Those of like
        length are encoded together, and queries are let in between batches of 32. Raises
        SettingError if the model cannot be used."""
        lengths = await self.lengths(texts)
        order = sorted(range(len(texts)), key=lengths.__getitem__)
        vectors = np.empty((0, 0), np.float32)
        for start in range(0, len(texts), BATCH):
            places = order[start : start + BATCH]
            batch = [texts[place] for place in places]
            encoded = await self._on_worker(partial(Model.encode, texts=batch))
            if not start:
                vectors = np.empty((len(texts), encoded.shape[1]), np.float32)
            vectors[places] = encoded
        return vectors

    async def lengths(self, texts: Sequence[str]) -> list[int]:
        """As Model.lengths; queries are let in between every thousand."""
        lengths: list[int] = []
        for start in range(0, len(texts), MEASURED):
            some = texts[start : start + MEASURED]
            lengths += await self._on_worker(partial(Model.lengths, texts=some))
        return lengths

    async def knows(self, text: str) -> bool:
        """As Model.knows."""
        return await self._on_worker(partial(Model.knows, text=text))

    def _encode_waiting(self, loop: asyncio.AbstractEventLoop) -> None:
        """Begin to encode up to BATCH of the texts that somebody still waits for."""
        for text, futures in [*self._waiting.items()]:
            if all(future.done() for future in futures):
                del self._waiting[text]
        texts = [*self._waiting][:BATCH]
        self._encoding = {text: self._waiting.pop(text) for text in texts}
        if texts:
            work = self._submit(partial(Model.encode, texts=texts))
            work.add_done_callback(lambda _: loop.call_soon_threadsafe(self._answer, loop, work))

    def _answer(self, loop: asyncio.AbstractEventLoop, work: Future[Vectors]) -> None:
        """Give the vectors, or what was raised, to whoever still waits; and go on."""
        asked, self._encoding = self._encoding, {}
        if self._waiting:
            self._encode_waiting(loop)
        error: Exception | None = None
        vectors: Iterable[Vectors] = ()
        try:
            vectors = map(self._keep, asked, work.result())
        except Exception as raised:
            error = raised
        for futures, vector in zip_longest(asked.values(), vectors):
            for future in futures:
                if not future.done():
                    future.set_exception(error) if error else future.set_result(vector)

    def _keep(self, text: str, vector: Vectors) -> Vectors:
        own = vector.copy()  # which does not hold the others of its batch
        own.flags.writeable = False
        self._known[text] = own
        if len(self._known) > CACHED:
            self._known.popitem(last=False)
        return own

    async def _on_worker(self, ask: Callable[[Model], T]) -> T:
        return await asyncio.wrap_future(self._submit(ask))

    def _submit(self, ask: Callable[[Model], T]) -> Future[T]:
        """What the model answers, loaded first if need be; after ``close`` a RuntimeError."""
        try:
            return self._worker.submit(lambda: ask(self._load()))
        except RuntimeError as closed:
            refused: Future[T] = Future()
            refused.set_exception(closed)
            return refused

    def _log_failure(self, loading: Future[Model]) -> None:
        if not self._closed and (error := loading.exception()):
            log.error("%s", error)

    def _load(self) -> Model:
        if self._model is None:
            self._model = Model(self.name)
        return self._model
