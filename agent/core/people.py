"""People who sign in, their roles, and what each role may see and do."""

from datetime import datetime
from typing import Literal

from pydantic import Field

from agent.core.base import Frozen

Role = Literal["ops_lead", "manager", "rep", "viewer"]
ROLES: tuple[Role, ...] = ("ops_lead", "manager", "rep", "viewer")


class Person(Frozen):
    """Somebody with an account. `name` is also the name under which they rate; `rep` is the rep whose calls they
    made, if any; `language` is empty if they chose none."""

    id: str
    name: str = Field(min_length=1, max_length=200)
    email: str = Field(max_length=320)
    role: Role
    rep: str = ""
    disabled: bool = False
    at: datetime
    last_seen: datetime | None = None
    language: str = ""


class Scope(Frozen):
    """On whose behalf the store is asked. Every collection of the store holds a scope and leaves out what it does not
    cover.

    `name` is the rater's name, by which blind rounds hide ratings. A rep (`role` "rep") sees their own calls, ratings,
    profile and plans, but no interview, no calibration round and nobody else's figures. A viewer sees everything and
    changes nothing. `everything()` is for the command line, whose user holds the database file.
    """

    name: str = ""
    role: Role = "ops_lead"
    rep: str = ""
    local: bool = False

    @classmethod
    def everything(cls) -> "Scope":
        """The scope of somebody who holds the database file itself."""
        return cls(local=True)

    @property
    def only_rep(self) -> str | None:
        """The one rep this scope is limited to; None if it covers all reps. A rep's account without a rep's name
        covers nobody."""
        return self.rep if self.role == "rep" else None

    @property
    def may_rate(self) -> bool:
        """Whether calls may be rated and disputes answered."""
        return self.role in ("ops_lead", "manager")

    @property
    def may_run(self) -> bool:
        """Whether rubrics, rounds, uploads, people and money may be changed."""
        return self.role == "ops_lead"


# The rater that is no person. In ratings it is `model:<name of the model>`.
MODEL = "model"


def is_model(rater: str) -> bool:
    """Whether a rater's name stands for a model. No person may carry such a name."""
    return rater == MODEL or rater.startswith(f"{MODEL}:")
