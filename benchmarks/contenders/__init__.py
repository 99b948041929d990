"""The bot and its peers, each in its own process, behind one interface.

__main__.py      serves one contender in such a process
client.py        starts the process and calls it
whos_who.py      the bot's directory: its import and its VectorSearch
raw_redis.py     the same server and the same VSIM, without the bot
walkthrough.py   the loop of Redis's walkthrough of vector sets, as printed
brute_force.py   numpy, all in memory
chroma.py        Chroma, on disk
qdrant.py        Qdrant's local mode, on disk
lance.py         LanceDB, with a vector index
lance_exact.py   LanceDB, without a vector index
vec0.py          sqlite-vec
faiss_hnsw.py    Faiss's HNSW index, filtered by overfetching
usearch_hnsw.py  USearch, filtered by overfetching
overfetch.py     a filter for indexes that have none
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from benchmarks.dataset import Dataset, Vectors


class VectorStore(Protocol):
    """What the store of every contender does."""

    version: str
    server: int | None
    """The process id of the server that stores the people, if there is one."""

    def __init__(self, folder: Path) -> None: ...

    def load(self, dataset: Dataset) -> None:
        """Store the people of a dataset durably in the folder, which is empty."""
        ...

    def open(self) -> None:
        """Open the people that another process has loaded, to be queried."""
        ...

    def query(self, vector: Vectors, rank_limit: int | None) -> Sequence[int]:
        """Return the ranks of the RESULT_COUNT people nearest to float32[dimension]; only people
        with a rank below ``rank_limit``, unless it is None."""
        ...

    def close(self) -> None:
        """Release everything that was opened, if anything was."""
        ...


IN_PROCESS = "its people are in the memory of the process that asks: no server, one user, and a \
change is lost unless all is written again"
IN_PROCESS_DISK = "it runs inside the process that asks: no server between, and no other process \
that may use it at the same time"
NO_COMPANIONS = "it keeps nobody's description, and no index of names, no history and no fields"
NO_BOT = "it is the same server, without people, ties and fields being looked at"


@dataclass(frozen=True)
class Contender:
    """What a contender is and where its code is.

    ``module`` is its module in this folder and ``store`` the class in it; ``name`` is its name on
    the page, ``method`` what it does, and ``advantage`` why it may be faster than the bot.
    ``is_peer`` says that it needs the libraries of the peers. ``uses_people_of`` is the module of
    the contender whose people it queries, if it stores none.
    """

    module: str
    store: str
    name: str
    method: str
    advantage: str = ""
    is_peer: bool = False
    uses_people_of: str = ""


WHOS_WHO = Contender(
    "whos_who",
    "WhosWhoStore",
    "**Who's Who**",
    "`make_plan` and `Importer`; `VectorSearch.nearest`: with a filter all people are compared, "
    "without one the graph at effort 500, or all if they are few",
)
BRUTE_FORCE = Contender(
    "brute_force",
    "BruteForceStore",
    "numpy, all in memory",
    "`vectors @ question`, and the ten best",
    IN_PROCESS,
)

CONTENDERS = (
    WHOS_WHO,
    Contender(
        "raw_redis",
        "RawRedisStore",
        "the same VSIM alone",
        "what the bot asks, through redis-py, of the bot's own server",
        NO_BOT,
        uses_people_of="whos_who",
    ),
    Contender(
        "walkthrough",
        "WalkthroughStore",
        "Redis walkthrough",
        "`vset().vadd` with `attributes`, one by one; `vset().vsim` with `filter`; a server with "
        "Redis's own defaults",
        NO_COMPANIONS,
    ),
    BRUTE_FORCE,
    Contender(
        "chroma",
        "ChromaStore",
        "Chroma",
        "`PersistentClient`, cosine, `add` in the largest batches it takes, `where`",
        IN_PROCESS_DISK,
        is_peer=True,
    ),
    Contender(
        "qdrant",
        "QdrantStore",
        "Qdrant, local",
        "`QdrantClient(path=…)`, cosine, `upload_collection`, a `Range` condition",
        IN_PROCESS_DISK,
        is_peer=True,
    ),
    Contender(
        "lance",
        "LanceStore",
        "LanceDB, indexed",
        "IVF_HNSW_SQ on the vectors, BTREE on the filtered field, prefilter, `refine_factor` 5",
        IN_PROCESS_DISK,
        is_peer=True,
    ),
    Contender(
        "lance_exact",
        "ExactLanceStore",
        "LanceDB, exact",
        "no index on the vectors, BTREE on the filtered field, prefilter",
        IN_PROCESS_DISK,
        is_peer=True,
    ),
    Contender(
        "vec0",
        "SqliteVecStore",
        "sqlite-vec",
        "a `vec0` table, cosine, the filtered field a metadata column",
        IN_PROCESS_DISK,
        is_peer=True,
    ),
    Contender(
        "faiss_hnsw",
        "FaissStore",
        "Faiss, HNSW",
        "`IndexHNSWFlat` of 32 links, efSearch 128; ever more are asked for until ten fit the "
        "filter",
        IN_PROCESS,
        is_peer=True,
    ),
    Contender(
        "usearch_hnsw",
        "USearchStore",
        "USearch, HNSW",
        "its defaults, cosine, float32; ever more are asked for until ten fit the filter",
        IN_PROCESS,
        is_peer=True,
    ),
)
