"""Commands for other programs."""

import asyncio
import os
from typing import Annotated

import typer
import uvicorn

from agent.app.cli.context import me, say
from agent.core.errors import ConfigError
from agent.core.extras import install


def mcp(
    ctx: typer.Context,
    http: Annotated[bool, typer.Option("--http", help="Listen for HTTP at /mcp; each request needs a token.")] = False,
    host: Annotated[str, typer.Option(help="With --http: the address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="With --http: the port.")] = 8765,
    allow_changes: Annotated[bool, typer.Option("--allow-changes", help="Also tools that change something.")] = False,
) -> None:
    """A server for assistants (Model Context Protocol), over standard input and output or HTTP.

    Over standard input and output CLOSEREAD_TOKEN says whose it is; without one it reads as the owner of the workspace.
    """
    try:
        from agent.connections import mcp_server
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in ("mcp", "mcp_types"):
            raise
        raise ConfigError("assistants need a package that is not installed", advice=install("mcp")) from error
    who = me(ctx)
    _ = who.space.store  # where there is no workspace, that is said now and not by each tool
    if http:
        say(f"For assistants: http://{host}:{port}/mcp, with a token (closeread token create --role viewer)")
        app = mcp_server.over_http(who.base, changes=allow_changes, host=host)
        uvicorn.run(app, host=host, port=port, log_level="warning", server_header=False)
        return
    secret = os.environ.get("CLOSEREAD_TOKEN", "")
    if secret:
        who = mcp_server.bearer(who.base, secret)
    server = mcp_server.make_server(lambda ctx: who, changes=allow_changes)
    asyncio.run(server.run_stdio_async())
