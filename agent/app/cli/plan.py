"""The option `--dry-run`: what a command would ask, in requests, tokens and dollars."""

from collections.abc import Iterable
from typing import Any

from agent.app.cli.context import console, print_json
from agent.app.planning import planned
from agent.llm.model import Request
from agent.workspace import Workspace


def plan_line(plan: dict[str, Any]) -> str:
    """The plan in one line of text."""
    money = "price unknown" if plan["usd_estimated"] is None else f"about ${plan['usd_estimated']:.2f}"
    about = "" if plan["tokens_counted"] == "tiktoken" else "about "
    return (
        f"{plan['to_send']} requests to send ({plan['cached']} of {plan['requests']} are cached), "
        f"{about}{plan['input_tokens_estimated']:,} input tokens, {money}"
    )


def show_plan(space: Workspace, requests: Iterable[Request[Any]], json: bool, note: str = "") -> None:
    """Print the plan of `requests`."""
    plan = planned(space, requests, note)
    if json:
        return print_json(plan)
    console().print(plan_line(plan))
    if note:
        console().print(note)
