"""The real model, from its wheel."""

import asyncio
import subprocess
import sys
import threading

import numpy as np
import pytest

from bot.embedder import Embedder
from bot.errors import SettingError


async def test_384_dimensions_of_unit_length(embedder: Embedder):
    vector = await embedder.embed("lead singer")
    assert vector.shape == (384,) and vector.dtype == np.float32
    assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)


async def test_meaning_is_near(embedder: Embedder):
    singer, musician, chemist = await embedder.embed_all(["a singer", "a musician", "a chemist"])
    assert singer @ musician > singer @ chemist


async def test_many_keep_their_order(embedder: Embedder):
    texts = [f"person number {number} {'x ' * (number % 7)}" for number in range(150)]
    vectors = await embedder.embed_all(texts)
    assert vectors.shape == (150, 384)
    for number in (0, 63, 64, 149):
        assert await embedder.embed(texts[number]) @ vectors[number] > 0.9999
    assert len(await embedder.embed_all([])) == 0


async def test_queries_that_wait_together_are_one_batch(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
):
    await embedder.embed("loaded")
    batches: list[tuple[int, str]] = []
    run = embedder._run

    def spy(texts):
        batches.append((len(texts), threading.current_thread().name))
        return run(texts)

    monkeypatch.setattr(embedder, "_run", spy)
    texts = [f"query {number}" for number in range(40)]
    vectors = await asyncio.gather(*map(embedder.embed, texts))
    assert [size for size, _ in batches] == [32, 8]
    assert len({thread for _, thread in batches}) == 1 and batches[0][1].startswith("embedder")
    assert np.allclose(vectors, await embedder.embed_all(texts), atol=1e-5)


async def test_a_query_that_is_given_up_disturbs_no_other(embedder: Embedder):
    given_up = asyncio.create_task(embedder.embed("given up"))
    other = asyncio.create_task(embedder.embed("other"))
    await asyncio.sleep(0)
    given_up.cancel()
    assert (await other).shape == (384,)


async def test_a_vector_that_is_no_use_is_refused(
    embedder: Embedder, monkeypatch: pytest.MonkeyPatch
):
    await embedder.embed("loaded")
    for value in (np.nan, np.inf, 0.0):
        broken = np.full((1, 384), value, np.float32)
        monkeypatch.setattr(embedder._model, "encode", lambda *a, broken=broken, **k: broken)
        with pytest.raises(SettingError, match="EMBEDDING_MODEL"):
            await embedder.embed("x")


async def test_a_model_that_is_not_there(tmp_path, monkeypatch: pytest.MonkeyPatch):
    with (
        Embedder(str(tmp_path / "none")) as missing,
        pytest.raises(SettingError, match=r"cannot be loaded.*EMBEDDING_MODEL"),
    ):
        await missing.embed("x")


def test_the_bot_is_imported_without_the_model():
    code = "import sys, bot.client, cogs.search, cogs.admin; print('torch' in sys.modules)"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout == "False\n"
