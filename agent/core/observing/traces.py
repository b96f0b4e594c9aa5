"""OpenTelemetry traces over OTLP/HTTP, where the extra `telemetry` is installed and a collector is named.

    job chunk ─▶ call ─▶ request ─▶ exchange (one a retry)          http (a request to the web application)

Where to send and how much to keep is said by OpenTelemetry's own variables (OTEL_EXPORTER_OTLP_ENDPOINT,
OTEL_EXPORTER_OTLP_HEADERS, OTEL_TRACES_SAMPLER, OTEL_SERVICE_NAME, …). Spans have the facts that metrics have; an error
is a span's status by its code, never its words.
"""

import os
from collections.abc import Callable, Mapping
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from agent.core.lazy import lazy
from agent.core.observing import Fact, Span, watch

context = lazy("opentelemetry.context")
otlp_http = lazy("opentelemetry.exporter.otlp.proto.http.trace_exporter")
sdk_export = lazy("opentelemetry.sdk.trace.export")
sdk_resources = lazy("opentelemetry.sdk.resources")
sdk_trace = lazy("opentelemetry.sdk.trace")
trace = lazy("opentelemetry.trace")

if TYPE_CHECKING:  # it comes with the extra
    from opentelemetry.sdk.trace.export import SpanExporter

_NAMED_BY = ("OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT")


def wanted(environment: Mapping[str, str] = os.environ) -> bool:
    """Whether the environment names a collector to send traces to."""
    return environment.get("OTEL_SDK_DISABLED", "").lower() != "true" and any(environment.get(n) for n in _NAMED_BY)


def installed() -> bool:
    """Whether the extra `telemetry` is installed."""
    return find_spec("opentelemetry") is not None and find_spec("opentelemetry.exporter.otlp.proto.http") is not None


def start(exporter: "SpanExporter | None" = None) -> Callable[[], None]:
    """Send spans to the collector (or to `exporter`) from now on. The returned function stops that and sends what is
    left."""
    if exporter is None:
        exporter = otlp_http.OTLPSpanExporter()
    name = os.environ.get("OTEL_SERVICE_NAME", "closeread")
    provider = sdk_trace.TracerProvider(resource=sdk_resources.Resource.create({"service.name": name}))
    provider.add_span_processor(sdk_export.BatchSpanProcessor(exporter))
    leave = watch(_Traces(provider))

    def stop() -> None:
        leave()
        provider.shutdown()

    return stop


class _Traces:
    """Passes our spans on as OpenTelemetry spans; a span is the child of the one around it."""

    def __init__(self, provider: Any) -> None:
        self._tracer = provider.get_tracer("closeread")

    def began(self, span: Span) -> Any:
        made = self._tracer.start_span(span.name)
        return made, context.attach(trace.set_span_in_context(made))

    def ended(self, span: Span, kept: Any) -> None:
        made, token = kept
        context.detach(token)
        for key, value in span.facts.items():
            if value is not None:
                made.set_attribute(f"closeread.{key}", value)
        if span.error:
            made.set_status(trace.Status(trace.StatusCode.ERROR, span.error))
        made.end()

    def told(self, name: str, facts: dict[str, Fact]) -> None:
        """Record an event on the span around it, since it takes no time itself."""
        known = {f"closeread.{key}": value for key, value in facts.items() if value is not None}
        trace.get_current_span().add_event(name, known)
