"""Models and money: which model plays which role, whether it answers, and what this month cost."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Literal

from fastapi import Path
from pydantic import BaseModel, Field

from agent.app.web.auth import OpsLead, SignedIn
from agent.app.web.routes import api_router
from agent.llm.probe import Probe
from agent.models import verbs as models
from agent.models.spending import spending

router = api_router("models")

RoleName = Literal["analyst_a", "analyst_b", "drafter", "rater"]
Role = Annotated[RoleName, Path()]


class Binding(BaseModel):
    """A role and its model; null where none is bound. Prices are list prices, null where not known."""

    role: RoleName
    model: str | None
    api_base: str
    usd_per_million_input: float | None
    usd_per_million_output: float | None

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "role": "rater",
                    "model": "openai/gpt-4.1-mini",
                    "api_base": "",
                    "usd_per_million_input": 0.4,
                    "usd_per_million_output": 1.6,
                }
            ]
        }
    }


class Bindings(BaseModel):
    """All roles, and the file in which they are bound."""

    items: list[Binding]
    file: str


class ProbeOut(BaseModel):
    """What one small question to the model found. `problem` is empty where it can be used."""

    role: RoleName
    model: str
    reachable: bool
    structured: Annotated[bool, Field(description="Whether the reply had the asked-for shape.")]
    reply_mode: Annotated[str, Field(description="How the shape was asked for; empty where no way gave it.")]
    write: Annotated[dict[str, Any], Field(description="What the role's binding should say besides.")]
    priced: bool
    seconds: float
    problem: str

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "role": "rater",
                    "model": "openai/gpt-4.1-mini",
                    "reachable": True,
                    "structured": True,
                    "reply_mode": "json_schema",
                    "write": {},
                    "priced": True,
                    "seconds": 0.8,
                    "problem": "",
                }
            ]
        }
    }

    @classmethod
    def of(cls, role: RoleName, found: Probe) -> ProbeOut:
        """As it is sent."""
        return cls(
            role=role,
            model=found.model,
            reachable=found.reachable,
            structured=found.structured,
            reply_mode=found.reply_mode,
            write=dict(found.write),
            priced=found.price is not None,
            seconds=round(found.seconds, 3),
            problem=found.problem,
        )


class ShareOut(BaseModel):
    """A part of the spending. `id` is empty for what was booked on none; `unpriced` requests are not in `usd`."""

    id: str
    name: str
    requests: int
    input_tokens: int
    output_tokens: int
    usd: float
    unpriced: int


_SHARE: dict[str, Any] = {
    "id": "openai/gpt-4.1-mini",
    "name": "openai/gpt-4.1-mini",
    "requests": 812,
    "input_tokens": 1_204_411,
    "output_tokens": 391_020,
    "usd": 1.11,
    "unpriced": 0,
}


class SpendingOut(BaseModel):
    """The calendar month (UTC) so far. `budget_usd` null: there is no monthly budget."""

    since: datetime
    usd: float
    unpriced: int
    budget_usd: float | None
    by_model: list[ShareOut]
    by_rubric: list[ShareOut]
    by_job: list[ShareOut]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "since": "2026-11-01T00:00:00+00:00",
                    "usd": 1.11,
                    "unpriced": 0,
                    "budget_usd": 50.0,
                    "by_model": [_SHARE],
                    "by_rubric": [{**_SHARE, "id": "rb-3f2c8a1d9e07", "name": "v2"}],
                    "by_job": [{**_SHARE, "id": "job-4f1c2a9b7d3e", "name": "score, 2026-11-24, by Ana Ruiz"}],
                }
            ]
        }
    }


@router.get("/models")
def list_models(who: OpsLead) -> Bindings:
    """Which model plays which role. Keys stand in the server's environment and are never shown."""
    return bindings(who)


@router.post("/models/{role}/probe")
async def probe_model(who: OpsLead, role: Role) -> ProbeOut:
    """Ask the role's model one small question. 409 where no model is bound."""
    return await probed(who, role)


@router.get("/spending")
def read_spending(who: OpsLead) -> SpendingOut:
    """What this month cost, by model, rubric and job (the 30 dearest)."""
    return SpendingOut.model_validate(spending(who.space), from_attributes=True)


def bindings(who: SignedIn) -> Bindings:
    """All roles."""
    file = who.space.settings.workspace / "config" / "models.yaml"
    return Bindings(items=[Binding(**row) for row in models.roles_data(who.space)], file=str(file))


async def probed(who: SignedIn, role: RoleName) -> ProbeOut:
    """What the probe of one role found."""
    return ProbeOut.of(role, (await models.probes(who.space, [role]))[role])
