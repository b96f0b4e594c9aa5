"""The models bound to roles: what they cost, and whether they can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from agent.llm.probe import Probe
    from agent.wiring import Workspace


def roles_data(space: Workspace) -> list[dict[str, Any]]:
    """Which model plays which role, and its list price; None where no model is bound or no price is known."""
    from agent.llm.roles import ROLES

    rows: list[dict[str, Any]] = []
    for role in ROLES:
        bound = space.settings.binding(role)
        price = None if bound is None else space.prices([bound]).of(bound.model)
        rows.append(
            {
                "role": role,
                "model": None if bound is None else bound.model,
                "api_base": "" if bound is None else bound.api_base,
                "usd_per_million_input": None if price is None else price.input * 1e6,
                "usd_per_million_output": None if price is None else price.output * 1e6,
            }
        )
    return rows


async def probes(space: Workspace, roles: Sequence[str] = ()) -> dict[str, Probe]:
    """Ask each role's model (none named: all) one small question: reachable, structured reply, price known."""
    from agent.llm.roles import ROLES

    return {name: await space.probe(name) for name in roles or ROLES}
