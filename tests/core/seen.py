"""A provider that answers with words that must not get out, and everything that gets out."""

from __future__ import annotations

import io
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from agent.calls.model import Call
from agent.calls.store import Calls
from agent.core.observing import traces, watch
from agent.core.observing.logs import JsonLines
from agent.core.observing.metrics import Metrics
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import call, criterion, rubric
from tests.jobs.made import ASKED
from tests.llm.stub import Step, says, status

SENTENCE = "Zebra invoices kept us awake until Thursday."
REPLIED = "Purple reasoning about pelicans."
CUSTOMER = "Quuxindustries"
NAME = "Wilhelmina"
SECRETS = ("Zebra", "Thursday", "Purple", "pelicans", CUSTOMER, CUSTOMER.lower(), NAME, ASKED[:20])


def reply(turn: int = 0, quote: str = ASKED) -> str:
    """A reply with words of its own."""
    rating = {"criterion": "asks_cost", "context": [], "evidence": [{"turn": turn, "quote": quote}], "nearest": None}
    return json.dumps({"ratings": [{**rating, "reason": REPLIED, "level": 1}]})


def spoken(number: int) -> Call:
    """A call whose id names the customer, as file names do."""
    lines = ((NAME, ASKED), ("Cus", SENTENCE), ("Cus", f"{CUSTOMER} cannot wait, number {number}."))
    return call(f"{CUSTOMER.lower()}-{number}", NAME, *lines)


def everything_that_goes_wrong() -> list[Step]:
    """Good replies, and each kind of failure, with the words in it."""
    return [
        says(reply()),
        status(429, f"slow down: {SENTENCE}", headers={"Retry-After": "0"}),
        says(reply()),
        says(f"{REPLIED} {SENTENCE}"),  # no JSON: asked again
        says(reply()),
        says(reply(quote=f"{SENTENCE} never said")),  # not found: asked again, then a failed rating
        says(reply(quote=f"{SENTENCE} never said")),
        status(400, f"{SENTENCE} {CUSTOMER}"),
        status(500, SENTENCE),
        says(reply()),
    ]


def workspace(folder: Path, base: str, calls: int) -> Workspace:
    """A workspace whose rater is the provider at `base`."""
    environment = {"CLOSEREAD_MODEL": "openai/stub-1", "CLOSEREAD_API_BASE": f"{base}/v1"}
    folder.mkdir(parents=True, exist_ok=True)
    space = Workspace(Settings(folder, f"sqlite:///{folder}/closeread.db", environment))
    for number in range(calls):
        space.store[Calls].add(spoken(number))
    space.store[Rubrics].add(rubric(criterion()))
    return space


@dataclass
class Seen:
    """Log lines, metrics and spans of this process while it was watched."""

    lines: io.StringIO = field(default_factory=io.StringIO)
    metrics: Metrics = field(default_factory=Metrics)
    spans: InMemorySpanExporter = field(default_factory=InMemorySpanExporter)

    def value(self, name: str, **labels: str) -> float:
        """A metric's value, 0 where it was never counted."""
        return self.metrics.registry.get_sample_value(f"closeread_{name}", labels) or 0.0

    def logged(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.lines.getvalue().splitlines()]

    def whole(self) -> str:
        """All of it as one text."""
        from prometheus_client import generate_latest

        spans = "\n".join(span.to_json() for span in self.spans.get_finished_spans())
        return "\n".join([self.lines.getvalue(), generate_latest(self.metrics.registry).decode(), spans])


@contextmanager
def watched() -> Iterator[Seen]:
    """Watch all there is; every logger, from DEBUG on."""
    seen = Seen()
    handler = logging.StreamHandler(seen.lines)
    handler.setFormatter(JsonLines())
    root, before = logging.getLogger(), logging.getLogger().level
    leave = watch(seen.metrics)
    stop = traces.start(seen.spans)
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    try:
        yield seen
    finally:
        root.removeHandler(handler)
        root.setLevel(before)
        stop()
        leave()
