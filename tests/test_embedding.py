"""The real model, from its wheel."""

import asyncio
import subprocess
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence

import numpy as np
import pytest

from bot.embedding import Embedder, Vectors
from bot.embedding import embedder as module
from bot.embedding import model as model_module
from bot.embedding.model import DEFAULT_MODEL, PROBES, Model, path_of
from bot.errors import SettingError


async def test_vectors_have_384_dimensions_and_unit_length(embedder: Embedder):
    vector = await embedder.embed("lead singer")
    assert vector.shape == (384,) and vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


async def test_texts_of_similar_meaning_have_similar_vectors(embedder: Embedder):
    singer, musician, chemist = await embedder.embed_all(["a singer", "a musician", "a chemist"])
    assert singer @ musician > singer @ chemist


async def test_vectors_of_many_texts_keep_their_order(embedder: Embedder):
    texts = [f"person number {number} {'x ' * (number % 7)}" for number in range(150)]
    vectors = await embedder.embed_all(texts)
    assert vectors.shape == (150, 384)
    for number in (0, 63, 64, 149):
        assert await embedder.embed(texts[number]) @ vectors[number] > 0.9999
    assert len(await embedder.embed_all([])) == 0


def encoded(monkeypatch: pytest.MonkeyPatch) -> list[tuple[int, str]]:
    """How many texts are encoded from now on, batch by batch, and on which thread."""
    batches: list[tuple[int, str]] = []
    encode = Model.encode

    def spy(model: Model, texts: Sequence[str]) -> Vectors:
        batches.append((len(texts), threading.current_thread().name))
        return encode(model, texts)

    monkeypatch.setattr(Model, "encode", spy)
    return batches


async def test_queries_waiting_together_are_encoded_in_one_batch(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
):
    batches = encoded(monkeypatch)
    texts = [f"query {number}" for number in range(40)]
    vectors = await asyncio.gather(*map(embedder.embed, texts))
    assert [size for size, _ in batches] == [32, 8]
    assert len({thread for _, thread in batches}) == 1 and batches[0][1].startswith("embedder")
    assert np.allclose(vectors, await embedder.embed_all(texts), atol=1e-5)


async def test_a_cancelled_query_does_not_disturb_others(embedder: Embedder):
    given_up = asyncio.create_task(embedder.embed("given up"))
    other = asyncio.create_task(embedder.embed("other"))
    await asyncio.sleep(0)
    given_up.cancel()
    assert (await other).shape == (384,)


async def test_a_useless_vector_is_refused(embedder: Embedder, monkeypatch: pytest.MonkeyPatch):
    await embedder.embed("loaded")
    for value in (np.nan, np.inf, 0.0):
        broken = np.full((1, 384), value, np.float32)
        monkeypatch.setattr(embedder._model, "_encode", lambda _, broken=broken: broken)
        with pytest.raises(SettingError, match="EMBEDDING_MODEL"):
            await embedder.embed("of no use")


async def test_a_repeated_query_comes_from_the_cache(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
):
    first = await embedder.embed("asked before")
    batches = encoded(monkeypatch)
    again = await asyncio.gather(*(embedder.embed("asked before") for _ in range(3)))
    assert not batches and all(vector is first for vector in again)
    at_once = await asyncio.gather(*(embedder.embed("asked at once") for _ in range(3)))
    assert [size for size, _ in batches] == [1] and at_once[0] is at_once[2]
    with pytest.raises(ValueError, match="read-only"):
        first[0] = 1


async def test_the_cache_is_bounded(embedder: Embedder, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "CACHE_SIZE", 3)
    monkeypatch.setattr(embedder, "_cache", OrderedDict())
    for text in ("one", "two", "three", "one", "four"):
        await embedder.embed(text)
    assert [*embedder._cache] == ["three", "one", "four"]


async def test_the_traced_model_agrees_with_sentence_transformers(embedder: Embedder):
    from sentence_transformers import SentenceTransformer

    texts = [*PROBES, "x", "Ωμέγα 東京", "word " * 400, *(f"{n} " * n for n in range(1, 40, 3))]
    model = await asyncio.wrap_future(embedder._worker.submit(embedder._load))
    whole = SentenceTransformer(path_of(DEFAULT_MODEL))
    expected = whole.encode(texts, normalize_embeddings=True)
    assert np.min(np.sum(await embedder.embed_all(texts) * expected, axis=1)) > 0.9999
    assert model._encode.__qualname__.startswith("_trace")


def refuse(_):
    raise RuntimeError("there is no tracing any more")


@pytest.mark.parametrize("traced", [refuse, lambda _: lambda texts: np.ones((len(texts), 384))])
async def test_a_model_whose_trace_fails_or_disagrees_runs_untraced(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch, traced
):
    monkeypatch.setattr(model_module, "_trace", traced)
    with Embedder() as other:
        assert np.allclose(await other.embed("singer"), await embedder.embed("singer"), atol=1e-5)


async def test_a_missing_model_is_an_error(tmp_path, monkeypatch: pytest.MonkeyPatch):
    with (
        Embedder(str(tmp_path / "none")) as missing,
        pytest.raises(SettingError, match=r"can't be loaded.*EMBEDDING_MODEL"),
    ):
        await missing.embed("x")


def test_the_bot_is_imported_without_the_model():
    code = "import sys, bot.client, cogs.search, cogs.people; print('torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"
