"""`closeread cost`."""

from __future__ import annotations

from dataclasses import asdict

import typer

from agent.app.cli.context import Json, console, print_json, table, workspace
from agent.db.ledger import SqlLedger


def cost(ctx: typer.Context, json: Json = False) -> None:
    """What model requests have taken so far: tokens, dollars, latency, by model and prompt."""
    spent = workspace(ctx).store[SqlLedger].totals()
    if json:
        print_json([asdict(s) for s in spent])
        return
    right = ["requests", "reused", "failed", "input", "cached", "output", "usd", "seconds"]
    rows = [
        [
            s.model,
            s.prompt.partition("#")[0],
            s.requests,
            s.reused,
            s.failed,
            f"{s.input_tokens:,}",
            f"{s.cached_tokens:,}",
            f"{s.output_tokens:,}",
            "unknown" if s.unpriced and not s.usd else f"{s.usd:.2f}",
            "–" if s.seconds is None else f"{s.seconds:.1f}",
        ]
        for s in spent
    ]
    table("", ["model", "prompt", *right], rows, right=right)
    unpriced = sum(s.unpriced for s in spent)
    total = sum(s.usd for s in spent)
    console().print(
        f"${total:.2f} in all" + (f"; {unpriced} requests at an unknown price are not in it" if unpriced else "")
    )
    if any(s.estimated for s in spent):
        console().print("Token counts marked by their endpoint as estimates are in these figures.")
