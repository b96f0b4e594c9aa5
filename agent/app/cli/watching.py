"""Options of long-running programs: the form of their log, and who may watch them."""

from collections.abc import Callable
from typing import Annotated, Literal

import typer

from agent.core.errors import ConfigError
from agent.core.extras import install
from agent.core.observing import traces
from agent.core.observing.metrics import CallCounts, serve

LogFormat = Annotated[
    Literal["text", "json"],
    typer.Option("--log-format", envvar="CLOSEREAD_LOG", help="Lines to read, or a JSON object a line."),
]
MetricsPort = Annotated[
    int | None, typer.Option("--metrics-port", min=0, max=65535, help="Port for Prometheus; none unless given.")
]
MetricsHost = Annotated[str, typer.Option("--metrics-host", help="Address of that port; 0.0.0.0 for other machines.")]


def check_tracing() -> None:
    """ConfigError if a collector is named but the package that sends to it is not installed."""
    if traces.wanted() and not traces.installed():
        raise ConfigError(
            "OTEL_EXPORTER_OTLP_ENDPOINT names a collector, but what sends to it is not installed",
            advice=install("telemetry"),
        )


def serve_metrics(port: int, host: str, counts: Callable[[], CallCounts]) -> Callable[[], None]:
    """Answer Prometheus at this address. Call the returned function to stop. ConfigError if the port is taken."""
    try:
        return serve(port, host, counts)
    except OSError as error:
        raise ConfigError(
            f"metrics cannot be served at {host}:{port}: {error.strerror}; give each worker of one machine its own "
            "--metrics-port"
        ) from error
