"""Our embedding against SentenceTransformer.encode of the same model."""

from collections.abc import Iterable, Sequence

import numpy as np

from benchmarks.encoding import Reference, encode_alone
from benchmarks.timing import Times, in_turns
from bot.embedding import Embedder

OURS, WHOLE, THEIRS = "the bot's encoding", "Embedder.embed", "SentenceTransformer.encode"
BATCH = 320  # texts: ten batches of the model


async def single_times(embedder: Embedder, reference: Reference, texts: Iterable[str]) -> Times:
    """One text after the other."""

    async def ours(text: str) -> None:
        await encode_alone(embedder, text)

    return await in_turns(
        {OURS: ours, WHOLE: embedder.embed, THEIRS: reference.encode},
        texts,
    )


async def batch_times(embedder: Embedder, reference: Reference, texts: Sequence[str]) -> Times:
    """BATCH texts in one call, as often as there are others."""
    rounds = [texts[start : start + BATCH] for start in range(0, len(texts) - BATCH + 1, BATCH)]
    return await in_turns({OURS: embedder.embed_all, THEIRS: reference.encode_all}, rounds)


async def least_cosine(embedder: Embedder, reference: Reference, texts: Sequence[str]) -> float:
    """Between the vectors of a text by the two, of all texts, one by one and in batches."""
    ours = np.stack([await embedder.embed(text) for text in texts])
    theirs = np.stack([await reference.encode(text) for text in texts])
    pairs = [(ours, theirs), (await embedder.embed_all(texts), theirs)]
    return min(float((one * other).sum(axis=1).min()) for one, other in pairs)
