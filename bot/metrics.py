"""The counters and timers, named as Prometheus likes them; bot/health.py serves them."""

from prometheus_client import Counter, Histogram

INTERACTIONS = Counter(
    "whoswho_interactions",
    "Interactions and messages that were dealt with, by kind, command, and what came of them.",
    ["kind", "command", "outcome"],
)
ANSWER_SECONDS = Histogram(
    "whoswho_answer_seconds",
    "From the arrival of an interaction or message to the end of its answer.",
    ["kind"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2, 3, 5, 10, 30, 60),
)
SEARCHES = Counter("whoswho_searches", "Searches carried out, by what was asked for.", ["by"])
EMBEDDING_SECONDS = Histogram(
    "whoswho_embedding_seconds",
    "The model's time for a batch of up to 32 texts.",
    buckets=(0.002, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5),
)
REDIS_FAILURES = Counter(
    "whoswho_redis_failures",
    "Commands that Redis did not answer, or refused.",
    ["reason"],
)
