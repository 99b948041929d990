"""LanceDB, comparing all vectors."""

from benchmarks.contenders import lance


class Store(lance.Store):
    indexed = False
