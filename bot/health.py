"""The HTTP endpoints for an operator: /metrics for Prometheus, and /healthz.

/healthz has status 200 while the bot can answer, and otherwise 503 with the reason. Neither has a
password: serve them on loopback or on a private network.
"""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager

from aiohttp import web
from prometheus_client import REGISTRY, Metric
from prometheus_client.aiohttp import make_aiohttp_handler
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from bot.client import PeopleBot
from bot.directory.shared_task import SharedTask
from bot.errors import DirectoryError, SettingError
from bot.language import _

PING_SECONDS = 2.0  # for Redis to answer; the health check of a container waits little longer


@asynccontextmanager
async def serve_health(bot: PeopleBot, host: str, port: int) -> AsyncIterator[None]:
    """Serve both while the context is open. Raises SettingError if the port can't be opened."""
    app = web.Application()
    app.router.add_get("/metrics", make_aiohttp_handler())
    app.router.add_get("/healthz", _HealthCheck(bot).answer)
    runner = web.AppRunner(app, access_log=None)
    metrics = _GatewayMetrics(bot)
    REGISTRY.register(metrics)
    try:
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port).start()
        except OSError as error:
            raise SettingError(
                _(
                    "METRICS_PORT {port} on {host} cannot be served ({reason}). Choose another "
                    "port, or leave METRICS_PORT empty.",
                    port=str(port),
                    host=host,
                    reason=error,
                )
            ) from error
        yield
    finally:
        await runner.cleanup()
        REGISTRY.unregister(metrics)


class _HealthCheck:
    """Checks that the gateway is connected and that Redis answers."""

    def __init__(self, bot: PeopleBot) -> None:
        self._bot = bot
        self._ping = SharedTask[None]()  # a ping goes on after its check has given up

    async def answer(self, request: web.Request) -> web.Response:
        problems = {"gateway": self._gateway(), "redis": await self._redis()}
        parts = {part: problem or "ok" for part, problem in problems.items()}
        if any(problems.values()):
            return web.json_response({"status": "unavailable", **parts}, status=503)
        return web.json_response({"status": "ok", **parts})

    def _gateway(self) -> str:
        """Return why Discord's gateway isn't connected; empty if it is."""
        if not self._bot.is_ready():
            return _("Discord's gateway isn't ready.")
        closed = [shard.id for shard in self._bot.shards.values() if shard.is_closed()]
        if not closed:
            return ""
        shards = ", ".join(map(str, closed))
        return _("Shards not connected to Discord's gateway: {shards}.", shards=shards)

    async def _redis(self) -> str:
        """Return why Redis doesn't answer; empty if it does."""
        try:
            async with asyncio.timeout(PING_SECONDS):
                await self._ping.join(self._bot.directories.ping)
        except TimeoutError:
            return _("Redis didn't answer within {seconds} s.", seconds=f"{PING_SECONDS:g}")
        except DirectoryError as error:
            return str(error)
        return ""


class _GatewayMetrics(Collector):
    """The state of Discord's gateway, read when the metrics are."""

    def __init__(self, bot: PeopleBot) -> None:
        self._bot = bot

    def collect(self) -> Iterator[Metric]:
        ready = GaugeMetricFamily("whoswho_ready", "Whether the gateway has said all it had to.")
        ready.add_metric([], self._bot.is_ready())
        servers = GaugeMetricFamily("whoswho_servers", "Servers that have the bot.")
        servers.add_metric([], len(self._bot.guilds))
        latency = GaugeMetricFamily(
            "whoswho_gateway_latency_seconds",
            "Between a heartbeat and its acknowledgement.",
            labels=["shard"],
        )
        for shard, seconds in self._bot.latencies:
            if math.isfinite(seconds):
                latency.add_metric([str(shard)], seconds)
        yield from (ready, servers, latency)
