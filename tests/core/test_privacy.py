"""Nobody's words get out: not into a log line, a metric or a trace, whatever goes wrong."""

import ast
import asyncio
import io
import logging
import os
import signal
import socket
import sys
from contextlib import redirect_stderr
from pathlib import Path
from urllib.request import urlopen

import pytest
from aiohttp import web

from agent.app.queue.store import Jobs
from agent.core.errors import InputError
from agent.core.observing.logs import JsonLines, TextLines, keep_out_messages_of_dbos
from agent.rubrics.store import Rubrics
from agent.scoring.job import queue_scoring
from agent.scoring.running import Scoring
from tests.core.seen import (
    CUSTOMER,
    SECRETS,
    SENTENCE,
    everything_that_goes_wrong,
    watched,
    workspace,
)
from tests.llm.stub import Stub

ROOT = Path(__file__).parents[2]


def found_in(text: str) -> list[str]:
    return [secret for secret in SECRETS if secret in text]


async def test_a_scoring_run_tells_counts_and_no_words(tmp_path):
    async with Stub(*everything_that_goes_wrong()) as stub:
        space = workspace(tmp_path / "w", stub.base, 6)
        scoring = Scoring(space, space.store[Rubrics].newest(), space.prompt("rate_call"), 0)
        with watched() as seen:
            outcome = await scoring.run(scoring.missing([], False), 1, None)
            whole = seen.whole
        space.store.close()
        assert any(SENTENCE.encode() in raw for raw in stub.raw), "the words were on the way at all"
    model = "openai/stub-1"
    assert outcome.calls + len(outcome.unanswered) == 6
    assert seen.value("ratings_stored_total", status="rated") == outcome.statuses["rated"] > 0
    assert seen.value("ratings_failed_total", kind="evidence") == outcome.kinds["evidence"] == 1
    assert seen.value("model_throttled_total", model=model) == 1
    assert seen.value("model_retries_total", model=model) == 2
    assert seen.value("model_exchanges_total", model=model, outcome="model_rejected") == 1
    answered = {"model": model, "role": "rater", "source": "provider"}
    assert seen.value("model_requests_total", outcome="model_rejected", **answered) == 1
    good = seen.value("model_requests_total", outcome="answered", **answered)
    assert seen.value("model_request_seconds_count", model=model) >= good > 0
    assert seen.value("model_tokens_total", model=model, kind="input") > 0
    assert found_in(whole()) == []


async def test_spans_form_a_tree(tmp_path):
    async with Stub(*everything_that_goes_wrong()[:3]) as stub:
        space = workspace(tmp_path / "w", stub.base, 2)
        scoring = Scoring(space, space.store[Rubrics].newest(), space.prompt("rate_call"), 0)
        with watched() as seen:
            await scoring.run(scoring.missing([], False), 1, None)
        space.store.close()
    spans = {span.context.span_id: span for span in seen.spans.get_finished_spans()}
    exchanges = [span for span in spans.values() if span.name == "exchange"]
    assert sorted(span.attributes["closeread.number"] for span in exchanges) == [1, 1, 2]
    assert {spans[span.parent.span_id].name for span in exchanges} == {"request"}
    requests = [span for span in spans.values() if span.name == "request"]
    assert len(requests) == 2
    assert all(span.attributes["closeread.request"].startswith("rq-") for span in requests)
    assert [span.status.status_code.name for span in exchanges].count("ERROR") == 1


@pytest.mark.parametrize("form", [JsonLines(), TextLines()])
@pytest.mark.parametrize(
    ("logger", "message", "values"),
    [
        ("closeread.jobs", "%s is paused: %s", ("job-1f", f"the provider says: {SENTENCE}")),
        ("closeread.jobs", "stopped by %s", (InputError(SENTENCE),)),
        ("closeread", "request %s: %s %s", ("rq-1", "GET", f"/calls/{CUSTOMER.lower()}-1")),
        ("closeread.jobs", "%d of them", (SENTENCE,)),
        ("closeread.jobs", "%(one)s", ({"one": SENTENCE},)),
        ("dbos", f"broken: {SENTENCE}", ()),
        ("sqlalchemy.engine", "%s", (SENTENCE,)),
        ("py.warnings", f"{SENTENCE}", ()),
    ],
)
def test_words_in_log_calls_are_withheld(form, logger, message, values):
    try:
        try:
            raise ValueError(SENTENCE)
        except ValueError as cause:
            raise InputError(f"about {CUSTOMER}") from cause
    except InputError:
        error = sys.exc_info()
    line = form.format(logging.LogRecord(logger, logging.ERROR, __file__, 7, message, values, error))
    assert found_in(line) == []
    assert "input" in line
    assert "ValueError" in line
    assert "test_privacy.py" in line


def test_lines_go_where_standard_error_is_at_that_moment():
    """Whoever took it for a while, such as a cell of a notebook or a test, has closed theirs since."""
    dbos = logging.getLogger("dbos")
    kept, dbos.handlers = dbos.handlers, []
    try:
        with redirect_stderr(io.StringIO()) as closed:
            keep_out_messages_of_dbos()
            closed.close()
        (handler,) = dbos.handlers
        with redirect_stderr(io.StringIO()) as now:
            handler.flush()  # as dbos does when it starts
            dbos.warning("about %s", SENTENCE)
        assert "dbos spoke at" in now.getvalue()
        assert found_in(now.getvalue()) == []
    finally:
        dbos.handlers = kept


def test_our_log_calls_have_constant_templates():
    """What stands in the template is not looked at, so nothing may be put into it."""
    built = []
    for path in (ROOT / "agent").rglob("*.py"):
        source = path.read_text()
        for node in ast.walk(ast.parse(source)) if "getLogger(" in source else ():
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            logs = isinstance(node.func.value, ast.Name) and node.func.value.id in ("log", "logger", "_log")
            levels = ("debug", "info", "warning", "error", "exception", "critical")
            if logs and node.func.attr in levels and not isinstance(node.args[0], ast.Constant):
                built.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert built == []


def free_port() -> int:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        return int(taken.getsockname()[1])


class Collector:
    """Takes what OpenTelemetry sends, as bytes."""

    def __init__(self) -> None:
        self.sent: list[bytes] = []

    async def start(self) -> str:
        async def take(request: web.Request) -> web.Response:
            self.sent.append(await request.read())
            return web.Response(content_type="application/x-protobuf")

        app = web.Application()
        app.router.add_post("/v1/traces", take)
        self._runner = web.AppRunner(app, access_log=None)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        return f"http://127.0.0.1:{self._runner.addresses[0][1]}"

    async def stop(self) -> None:
        await self._runner.cleanup()


def scraped(port: int) -> str:
    try:
        with urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
            return answer.read().decode()
    except OSError:
        return ""


@pytest.mark.slow
async def test_a_worker_tells_counts_and_no_words(tmp_path):
    collector, port = Collector(), free_port()
    endpoint = await collector.start()
    async with Stub(*everything_that_goes_wrong()) as stub:
        space = workspace(tmp_path / "w", stub.base, 6)
        (tmp_path / "w" / "config").mkdir()
        (tmp_path / "w" / "config" / "jobs.yaml").write_text("attempts: 1\n")
        assert queue_scoring(space, by=CUSTOMER) is not None
        command = [sys.executable, "-c", "from agent.main import main; main()", "--workspace", str(tmp_path / "w")]
        environment = {**os.environ, **space.settings.environment, "OTEL_EXPORTER_OTLP_ENDPOINT": endpoint}
        worker = await asyncio.create_subprocess_exec(
            *[*command, "worker", "--concurrency", "1", "--metrics-port", str(port), "--log-format", "json"],
            env=environment,
            cwd=ROOT,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        page = ""
        for _ in range(300):
            page = await asyncio.to_thread(scraped, port)
            if not space.store[Jobs].live():
                break
            await asyncio.sleep(0.1)
        page = await asyncio.to_thread(scraped, port)
        worker.send_signal(signal.SIGTERM)
        out, err = await asyncio.wait_for(worker.communicate(), 60)
        space.store.close()
    await collector.stop()
    traces = b"".join(collector.sent).decode("latin-1")
    assert worker.returncode == 0, err
    assert 'closeread_ratings_stored_total{status="rated"}' in page
    assert "closeread_queue_depth 0" in page
    assert all(word in traces for word in ("chunk", "call", "request", "exchange"))
    assert '"job-' in err.decode()
    assert found_in(out.decode() + err.decode() + page + traces) == []
