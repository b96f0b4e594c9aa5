"""Prometheus metrics of this process, and of its sister processes where several answer one port.

Names begin with `closeread_`; docs/operations/deploy.md lists them with what to watch. Labels are models, roles, codes
and route templates: few values each, and none that anybody typed.
"""

import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agent.core.lazy import lazy
from agent.core.observing import Fact, Span, watch

if TYPE_CHECKING:
    import prometheus_client
    from prometheus_client import metrics_core, multiprocess
else:
    prometheus_client = lazy("prometheus_client")
    metrics_core, multiprocess = lazy("prometheus_client.metrics_core"), lazy("prometheus_client.multiprocess")

# By kind of job and state: how many calls of jobs that are open. None while the database is away.
CallCounts = Mapping[tuple[str, str], int] | None
CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_SHARED = "PROMETHEUS_MULTIPROC_DIR"
# Models answer within seconds to minutes; pages within milliseconds to seconds.
_MODEL_SECONDS = (0.25, 0.5, 1, 2, 4, 8, 15, 30, 60, 120, 300)
_HTTP_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10)


def share(folder: Path) -> None:
    """Count together with the processes started from here, through files in `folder`, which is emptied first.

    Call it before prometheus_client is imported, because that looks at its environment only once.
    """
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    os.environ[_SHARED] = str(folder.absolute())


@cache
def process_metrics() -> "Metrics":
    """The metrics of this process; the first call starts the counting."""
    made = Metrics()
    watch(made)
    return made


def serve(port: int, host: str, counts: Callable[[], CallCounts]) -> Callable[[], None]:
    """Answer `GET /metrics` on a port of its own, in a thread. Call the returned function to stop."""
    metrics = process_metrics()
    registry = metrics.registry
    queue = _Queue(counts)
    registry.register(queue)
    server, thread = prometheus_client.start_http_server(port, host, registry)

    def close() -> None:
        server.shutdown()
        server.server_close()
        thread.join()
        registry.unregister(queue)

    return close


def exposition(counts: Callable[[], CallCounts]) -> bytes:
    """The answer to one scrape: the counts of this process and of its sister processes."""
    metrics = process_metrics()
    asked = prometheus_client.CollectorRegistry()
    asked.register(_Queue(counts))
    own = metrics.registry
    if _SHARED in os.environ:
        own = prometheus_client.CollectorRegistry()
        multiprocess.MultiProcessCollector(own)  # type: ignore[no-untyped-call]
    return prometheus_client.generate_latest(own) + prometheus_client.generate_latest(asked)


class Metrics:
    """The counters, fed as a watcher. Each instance has its own registry, so that tests do not share counts."""

    def __init__(self) -> None:
        registry = self.registry = prometheus_client.CollectorRegistry()

        def counter(name: str, says: str, *labels: str) -> Any:
            return prometheus_client.Counter(f"closeread_{name}", says, labels, registry=registry)

        def seconds(name: str, says: str, buckets: tuple[float, ...], *labels: str) -> Any:
            return prometheus_client.Histogram(f"closeread_{name}", says, labels, registry=registry, buckets=buckets)

        self._requests = counter("model_requests", "Requests booked.", "model", "role", "source", "outcome")
        self._seconds = seconds(
            "model_request_seconds", "Latency of what a provider answered.", _MODEL_SECONDS, "model"
        )
        self._tokens = counter("model_tokens", "Tokens; cached ones are input tokens too.", "model", "kind")
        self._usd = counter("model_cost_usd", "US dollars, as far as prices are known.", "model")
        self._unpriced = counter("model_unpriced_requests", "Requests of which no price is known.", "model")
        self._exchanges = counter("model_exchanges", "HTTP exchanges with providers.", "model", "outcome")
        self._retries = counter("model_retries", "Exchanges after the first of a request.", "model")
        self._throttled = counter("model_throttled", "Exchanges refused for going too fast (429).", "model")
        self._ratings = counter("ratings_stored", "Ratings stored.", "status")
        self._failed = counter("ratings_failed", "Ratings that failed.", "kind")
        self._http = counter("http_requests", "Requests to the web application.", "method", "route", "status")
        self._http_seconds = seconds("http_request_seconds", "Time to answer them.", _HTTP_SECONDS, "method", "route")

    def began(self, span: Span) -> None:
        """Nothing is counted at the beginning of a span."""

    def ended(self, span: Span, kept: Any) -> None:
        """Count an exchange with a provider or a request to the web application."""
        if span.name == "exchange":
            model = span.facts["model"]
            throttled = bool(span.facts.get("throttled"))
            self._exchanges.labels(model, "throttled" if throttled else span.error or "answered").inc()
            if _number(span.facts["number"]) > 1:
                self._retries.labels(model).inc()
            if throttled:
                self._throttled.labels(model).inc()
        elif span.name == "http":
            method, route = span.facts["method"], span.facts["route"]
            self._http.labels(method, route, span.facts.get("status", 500)).inc()
            self._http_seconds.labels(method, route).observe(span.seconds)

    def told(self, name: str, facts: dict[str, Fact]) -> None:
        """Count an entry of the ledger or stored ratings."""
        if name == "entry":
            self._entry(facts)
        elif name == "ratings":
            self._ratings.labels(facts["status"]).inc(_number(facts["count"]))
            if facts["kind"]:
                self._failed.labels(facts["kind"]).inc(_number(facts["count"]))

    def _entry(self, facts: dict[str, Fact]) -> None:
        model, source, failure = facts["model"], facts["source"], facts["failure"]
        self._requests.labels(model, facts["role"], source, failure or "answered").inc()
        if source not in ("provider", "batch"):
            return
        for kind in ("input", "output", "cached"):
            self._tokens.labels(model, kind).inc(_number(facts[f"{kind}_tokens"]))
        if facts["usd"] is None:
            self._unpriced.labels(model).inc()
        else:
            self._usd.labels(model).inc(_number(facts["usd"]))
        if facts["seconds"] is not None and source == "provider":
            self._seconds.labels(model).observe(_number(facts["seconds"]))


class _Queue:
    """Reads the tables of jobs at each scrape, so that the numbers hold for all workers."""

    def __init__(self, counts: Callable[[], CallCounts]) -> None:
        self._counts = counts

    def collect(self) -> Iterator[Any]:
        counts = self._counts()
        up = float(counts is not None)
        yield metrics_core.GaugeMetricFamily(
            "closeread_database_up", "Whether the database answered this scrape.", value=up
        )
        if counts is None:
            return
        calls = metrics_core.GaugeMetricFamily("closeread_job_calls", "Calls of open jobs.", labels=["kind", "state"])
        for (kind, state), count in sorted(counts.items()):
            calls.add_metric([kind, state], count)
        yield calls
        waiting = sum(count for (_, state), count in counts.items() if state == "waiting")
        yield metrics_core.GaugeMetricFamily(
            "closeread_queue_depth", "Calls that wait in jobs workers work on.", value=waiting
        )


def _number(value: Fact) -> float:
    return float(value) if isinstance(value, bool | int | float) else 0.0
