"""What is there before a team starts, what is missing, and what to do next."""

from __future__ import annotations

from pydantic import BaseModel

from agent.app.web.auth import Anybody, Team
from agent.app.web.routes import api_router
from agent.start.next_step import next_step, state_of
from agent.start.readiness import readiness_of

router = api_router("readiness")


class FindingOut(BaseModel):
    """One thing looked at: whether it is there, how much of it, and what its lack costs in trust."""

    what: str
    ready: bool
    there: str
    cost: str


class ReadinessOut(BaseModel):
    """All findings, in the order in which they are needed."""

    ready: bool
    findings: list[FindingOut]

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "ready": False,
                    "findings": [
                        {
                            "what": "15 interviews or more",
                            "ready": False,
                            "there": "8 interviews",
                            "cost": "7 more are needed: with fewer, most behaviors stay without a verdict",
                        }
                    ],
                }
            ]
        }
    }


class StepOut(BaseModel):
    """One sentence, and the page where it is done."""

    sentence: str
    button: str
    path: str

    model_config = {
        "json_schema_extra": {
            "examples": [
                {
                    "sentence": "Find what separates your 9 won from your 9 lost deals.",
                    "button": "Find patterns",
                    "path": "/jobs/new/extract",
                }
            ]
        }
    }


@router.get("/readiness")
def readiness(who: Team) -> ReadinessOut:
    """What is there, what is missing, and what its lack costs in trust."""
    found = [FindingOut.model_validate(one, from_attributes=True) for one in readiness_of(who.space)]
    return ReadinessOut(ready=all(one.ready for one in found), findings=found)


@router.get("/next-step", summary="What to do next")
def what_next(who: Anybody) -> StepOut:
    """The one thing to do next, for the role of whoever asks."""
    step = next_step(state_of(who.space, who.scope.role, who.name, who.scope.rep))
    return StepOut.model_validate(step, from_attributes=True)
