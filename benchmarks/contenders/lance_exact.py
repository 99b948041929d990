"""LanceDB without a vector index, which compares all vectors."""

from benchmarks.contenders.lance import LanceStore


class ExactLanceStore(LanceStore):
    """A LanceDB table whose vectors have no index."""

    is_indexed = False
