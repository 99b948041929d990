"""Text to vectors, with sentence-transformers.

model.py     a model, loaded and run on the caller's thread as fast as it goes
embedder.py  Embedder: a model on a thread of its own, encoding waiting texts in batches
"""

from bot.embedding.embedder import Embedder, TextEmbedder
from bot.embedding.model import DEFAULT_MODEL, Vectors

__all__ = ["DEFAULT_MODEL", "Embedder", "TextEmbedder", "Vectors"]
