"""Measure the bot's embedding against SentenceTransformer.encode of the same model."""

from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.reference import ReferenceEncoder, encode_without_bot
from benchmarks.timing import Times, time_interleaved
from bot.embedding import Embedder

BOT_ENCODE, BOT_EMBED = "the bot's encoding", "Embedder.embed"
REFERENCE = "SentenceTransformer.encode"
BATCH_SIZE = 320  # texts: ten batches of the model


async def time_single_texts(
    embedder: Embedder, reference: ReferenceEncoder, texts: Iterable[str]
) -> Times:
    """Embed one text at a time."""

    async def encode(text: str) -> None:
        await encode_without_bot(embedder, text)

    variants = {BOT_ENCODE: encode, BOT_EMBED: embedder.embed, REFERENCE: reference.encode}
    return await time_interleaved(variants, texts)


async def time_batches(
    embedder: Embedder, reference: ReferenceEncoder, texts: Sequence[str]
) -> Times:
    """Embed BATCH_SIZE texts per call, for as many full batches as there are."""
    starts = range(0, len(texts) - BATCH_SIZE + 1, BATCH_SIZE)
    batches = [texts[start : start + BATCH_SIZE] for start in starts]
    variants = {BOT_ENCODE: embedder.embed_all, REFERENCE: reference.encode_all}
    return await time_interleaved(variants, batches)


async def min_cosine(
    embedder: Embedder, reference: ReferenceEncoder, texts: Sequence[str]
) -> float:
    """Return the lowest cosine between the bot's vector and the reference's vector of a text, with
    texts embedded by the bot one by one and in batches."""
    expected = np.stack([await reference.encode(text) for text in texts])
    single = np.stack([await embedder.embed(text) for text in texts])
    batched = await embedder.embed_all(texts)
    return min(float((vectors * expected).sum(axis=1).min()) for vectors in (single, batched))
