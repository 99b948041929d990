"""Text to vectors, with sentence-transformers.

model.py      one model, and the shortest way through it; all on the caller's thread
embedder.py   Embedder: a model on a thread of its own, which batches what waits
"""

from bot.embedding.embedder import Embedder, Embeds
from bot.embedding.model import DEFAULT_MODEL, Vectors

__all__ = ["DEFAULT_MODEL", "Embedder", "Embeds", "Vectors"]
