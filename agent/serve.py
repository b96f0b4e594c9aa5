"""`closeread serve`: the web application and the API."""

import os
import signal
from contextlib import ExitStack
from typing import Annotated, Any

import typer
import uvicorn
from fastapi import FastAPI

from agent.app.cli import browsing
from agent.app.cli.context import say, workspace
from agent.app.cli.listening import free_port
from agent.app.cli.watching import LogFormat, check_tracing
from agent.app.queue.beside import worker_beside
from agent.core.observing import logs, metrics
from agent.people.store import Invitations, People
from agent.server import create_app
from agent.speech.probing import cannot_hear
from agent.workspace import Workspace

PROTOCOL = "agent.app.web.bounded:BoundedProtocol"


def serve(
    ctx: typer.Context,
    host: Annotated[
        str, typer.Option("--host", help="Address to listen on; 0.0.0.0 for other machines.")
    ] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", min=0, max=65535, help="Port to listen on.")] = 8000,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that answer.")] = 1,
    proxies: Annotated[
        str, typer.Option("--trust-proxy", help="Addresses of proxies whose X-Forwarded headers count.")
    ] = "127.0.0.1",
    log_format: LogFormat = "text",
    worker: Annotated[
        bool, typer.Option("--worker/--no-worker", help="Also work on background jobs; not needed beside workers.")
    ] = True,
    browser: Annotated[
        bool | None,
        typer.Option("--browser/--no-browser", help="Open the pages here; by default at a terminal with a screen."),
    ] = None,
) -> None:
    """Serve the pages and the API, and work on background jobs."""
    check_tracing()
    port = free_port(host, port)  # before anything is started or a link is made
    logs.set_up(log_format)
    space = workspace(ctx)
    _ = space.there  # before anything is made
    if workers > 1:
        metrics.share(space.settings.workspace / "metrics")
    app = create_app(space)
    shown = f"[{host}]" if ":" in host else host
    if missing := cannot_hear(space):
        say(missing)
    address = _say_where(space, f"http://{'localhost' if shown in ('0.0.0.0', '[::]') else shown}:{port}")
    if browsing.wanted(browser):
        browsing.open_once_it_answers(address)
    settings: dict[str, Any] = {
        "host": host,
        "port": port,
        "forwarded_allow_ips": proxies,
        "access_log": False,
        "server_header": False,
        "http": PROTOCOL,
    }
    settings["log_config"] = logs.log_config(log_format)
    with ExitStack() as closing:
        if worker:
            _beside(closing, space, log_format)
        _answer(app, space, workers, settings)


def _answer(app: FastAPI, space: Workspace, workers: int, settings: dict[str, Any]) -> None:
    if workers == 1:
        uvicorn.run(app, **settings)
        return
    os.environ["CLOSEREAD_WORKSPACE"] = str(space.settings.workspace.absolute())  # the processes read it
    uvicorn.run("agent.server:from_environment", factory=True, workers=workers, **settings)


def _beside(closing: ExitStack, space: Workspace, log_format: LogFormat) -> None:
    """Start a worker that ends with the server."""
    # uvicorn sends itself the signal again once it has ended: by default that would kill us before the worker is told.
    signal.signal(signal.SIGTERM, _leave)
    closing.enter_context(worker_beside(space.settings.workspace, log_format))


def _leave(_number: int, _frame: object) -> None:
    raise SystemExit(0)


def _say_where(space: Workspace, url: str) -> str:
    """Where the pages are, or the link for the first account where there is none."""
    if space.store[People].exist():
        say(f"Closeread is at {url}")
        return url
    say(f"Closeread is at {url}. Nobody has an account yet: make the first one with this link, which works once:")
    link = f"{url}/welcome/{space.store[Invitations].create()}"
    say(link)
    return link
