"""Ours and its peers, each in a process of its own, behind one interface.

__main__.py      such a process: does what it is told, and says how long it took
asked.py         the other end of it
ours.py          the bot's directory: what it imports, and its VectorSearch
redis_alone.py   the same server asked for the same, without the bot
walkthrough.py   the loop of Redis's walkthrough, as printed
brute.py         numpy, all in memory
chroma.py        Chroma, on disk
qdrant.py        Qdrant's local mode, on disk
lance.py         LanceDB, with an index of vectors
lance_exact.py   LanceDB, comparing all vectors
vec0.py          sqlite-vec
faiss_hnsw.py    Faiss's HNSW; a filter is left to the asker
usearch_hnsw.py  USearch; a filter is left to the asker
overfetching.py  how it is left to the asker
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.crowd import Crowd, Vectors


class Store(Protocol):
    """What a module of a contender has as ``Store``."""

    version: str
    server: int | None
    """The id of the process that keeps the people, if that is another one."""

    def __init__(self, folder: Path) -> None: ...

    def load(self, crowd: Crowd) -> None:
        """Keep these people in the folder, which is empty, for good."""
        ...

    def open(self) -> None:
        """Be ready to be asked about whom ``load`` kept, in a process before."""
        ...

    def query(self, vector: Vectors, below: int | None) -> Sequence[int]:
        """The ranks of the COUNT people nearest to float32[dimension], of those with a rank below
        ``below``."""
        ...

    def close(self) -> None:
        """Let go of whatever was opened, if anything was."""
        ...


IN_PROCESS = "its people are in the memory of the process that asks: no server, one user, and a \
change is lost unless all is written again"
IN_PROCESS_DISK = "it runs inside the process that asks: no server between, and no other process \
that may use it at the same time"
NO_COMPANIONS = "it keeps nobody's description, and no index of names, no history and no fields"
NO_BOT = "it is the same server, without people, ties and fields being looked at"


@dataclass(frozen=True)
class Contender:
    """``module`` is the one in this folder; ``name`` what it is called; ``how`` what it does, in
    words; ``why`` it may be the faster. ``peer``: it needs the peers' libraries. ``asks``:
    the module whose people it asks about, having none of its own."""

    module: str
    name: str
    how: str
    why: str = ""
    peer: bool = False
    asks: str = ""


OURS = Contender(
    "ours",
    "**Who's Who**",
    "`make_plan` and `Importer`; `VectorSearch.nearest`: with a filter all people are compared, "
    "without one the graph at effort 500, or all if they are few",
)
BRUTE = Contender(
    "brute", "numpy, all in memory", "`vectors @ question`, and the ten best", IN_PROCESS
)

CONTENDERS = (
    OURS,
    Contender(
        "redis_alone",
        "the same VSIM alone",
        "what the bot asks, through redis-py, of the bot's own server",
        NO_BOT,
        asks="ours",
    ),
    Contender(
        "walkthrough",
        "Redis walkthrough",
        "`vset().vadd` with `attributes`, one by one; `vset().vsim` with `filter`; a server with "
        "Redis's own defaults",
        NO_COMPANIONS,
    ),
    BRUTE,
    Contender(
        "chroma",
        "Chroma",
        "`PersistentClient`, cosine, `add` in the largest batches it takes, `where`",
        IN_PROCESS_DISK,
        peer=True,
    ),
    Contender(
        "qdrant",
        "Qdrant, local",
        "`QdrantClient(path=…)`, cosine, `upload_collection`, a `Range` condition",
        IN_PROCESS_DISK,
        peer=True,
    ),
    Contender(
        "lance",
        "LanceDB, indexed",
        "IVF_HNSW_SQ on the vectors, BTREE on the filtered field, prefilter, `refine_factor` 5",
        IN_PROCESS_DISK,
        peer=True,
    ),
    Contender(
        "lance_exact",
        "LanceDB, exact",
        "no index on the vectors, BTREE on the filtered field, prefilter",
        IN_PROCESS_DISK,
        peer=True,
    ),
    Contender(
        "vec0",
        "sqlite-vec",
        "a `vec0` table, cosine, the filtered field a metadata column",
        IN_PROCESS_DISK,
        peer=True,
    ),
    Contender(
        "faiss_hnsw",
        "Faiss, HNSW",
        "`IndexHNSWFlat` of 32 links, efSearch 128; ever more are asked for until ten fit the "
        "filter",
        IN_PROCESS,
        peer=True,
    ),
    Contender(
        "usearch_hnsw",
        "USearch, HNSW",
        "its defaults, cosine, float32; ever more are asked for until ten fit the filter",
        IN_PROCESS,
        peer=True,
    ),
)
