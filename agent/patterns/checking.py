"""Three tests of a description: specific, observable, unambiguous; and one rewrite if it fails."""

from collections.abc import Callable
from dataclasses import dataclass

from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.replies import CheckCriterionReply

TESTS = ("specific", "observable", "unambiguous")


@dataclass(frozen=True)
class Checked:
    """A description after the tests. `flaws` are the tests that it still fails, each with the reason."""

    description: str
    rewritten: bool
    flaws: tuple[str, ...]


def check_request(kind: str, name: str, description: str, role: Role, prompt: Prompt) -> Request[CheckCriterionReply]:
    """The request to test one description. `kind` says in words what it describes."""
    return role.request(
        prompt, CheckCriterionReply, {"kind": kind, "name": name, "description": description}, subject=name
    )


def flaws_of(reply: CheckCriterionReply) -> tuple[str, ...]:
    """The failed tests with their reasons."""
    return tuple(
        f"not {name}: {test.why}"
        for name, test in zip(TESTS, (reply.specific, reply.observable, reply.unambiguous), strict=True)
        if not test.passes
    )


async def check_and_rewrite(
    kind: str,
    name: str,
    description: str,
    role: Role,
    prompt: Prompt,
    usable: Callable[[str], bool] = lambda rewrite: True,
) -> Checked:
    """`description`, or its rewrite if it fails and the rewrite is `usable`. A rewrite that fails too is kept with
    its flaws."""
    first = (await role.ask(check_request(kind, name, description, role, prompt))).value
    flaws = flaws_of(first)
    rewrite = first.rewrite.strip()
    if not flaws or not rewrite or not usable(rewrite):
        return Checked(description, False, flaws)
    second = (await role.ask(check_request(kind, name, rewrite, role, prompt))).value
    return Checked(rewrite, True, flaws_of(second))
