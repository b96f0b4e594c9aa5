"""The models bound to roles: what they cost, and whether they can be used."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from agent.core.errors import InputError

if TYPE_CHECKING:
    from agent.llm.probe import Probe
    from agent.workspace import Workspace


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


def role_line(role: str, model: str, api_base: str = "", api_key_env: str = "") -> str:
    """The line below `roles:` in models.yaml that binds `model` to `role`.

    It never holds a key: `api_key_env` is the name of the environment variable that does. InputError where a value
    does not fit, without repeating it: it may be a key that was pasted into the wrong field.
    """
    import re

    import yaml

    from agent.llm.roles import ROLES

    if role not in ROLES:
        raise InputError(f"there is no role {role!r}; there are {', '.join(ROLES)}")
    if not re.fullmatch(r"[A-Za-z0-9_.-]+/[A-Za-z0-9_.:/@+-]+", model):
        raise InputError("a model is provider/name, such as openai/gpt-4.1-mini or anthropic/claude-sonnet-4-5")
    if api_base and not re.fullmatch(r"https?://[^\s@]+", api_base):
        raise InputError("a base URL begins with http:// or https:// and holds no user name and no password")
    if api_key_env and not re.fullmatch(r"[A-Z][A-Z0-9_]{0,99}", api_key_env):
        raise InputError(
            "give the name of the environment variable that holds the key, such as OPENAI_API_KEY; never the key itself"
        )
    given = {"model": model, "api_base": api_base, "api_key_env": api_key_env}
    binding = {name: value for name, value in given.items() if value}
    written = yaml.safe_dump(binding, default_flow_style=True, sort_keys=False, width=10_000).strip()
    return f"  {role}: {written}"
