"""Compliance criteria, which no interview mentions: a catalogue with sources, `compliance.yaml`."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ConfigDict, Field

from agent.core.errors import ConfigError, Conflict, ImportProblem, NotFound
from agent.rubrics.drafts_model import WorkingCopy, WorkingCriterion
from agent.rubrics.file import parse_rubric
from agent.rubrics.model import Criterion
from agent.workspace import Workspace

FILE = "compliance.yaml"


class _Entry(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    source: str = Field(min_length=1)
    text: str = ""
    link: str = ""
    where: str = Field(min_length=1)
    criterion: dict[str, Any]


class Catalogue(BaseModel):
    """`compliance.yaml`; each criterion as in a rubric's file."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    rules: tuple[_Entry, ...] = ()


@dataclass(frozen=True)
class Rule:
    """A criterion with the law it comes from (`text`: its own words), and for which calls that holds."""

    criterion: Criterion
    source: str
    where: str
    text: str = ""
    link: str = ""


def catalogue(space: Workspace) -> list[Rule]:
    """All rules. ConfigError says what is wrong with the workspace's own file."""
    entries = space.settings.load(FILE, Catalogue).rules
    if not entries:
        return []
    data = json.dumps({"criteria": [entry.criterion for entry in entries]}).encode()
    try:
        criteria = parse_rubric(f"{space.settings.config_path(FILE)}.json", data, "compliance").criteria
    except ImportProblem as problem:
        raise ConfigError(str(problem)) from problem
    return [
        Rule(c, entry.source, entry.where, entry.text, entry.link) for c, entry in zip(criteria, entries, strict=True)
    ]


def with_rules(space: Workspace, working: WorkingCopy, ids: Sequence[str]) -> WorkingCopy:
    """The working copy with these rules' criteria appended. NotFound for one that is not in the catalogue, Conflict for
    one that the copy already has."""
    known = {rule.criterion.id: rule for rule in catalogue(space)}
    for ident in dict.fromkeys(ids):
        if ident not in known:
            raise NotFound(f"there is no compliance criterion {ident!r}; there are {', '.join(known)}")
        if working.criterion(ident) is not None:
            raise Conflict(f"{ident} is in this rubric already")
        rule = known[ident]
        words = f" (“{rule.text}”)" if rule.text else ""
        criterion = rule.criterion.model_copy(update={"direction": f"{rule.source}{words}: {rule.where}"})
        working = working.replaced(WorkingCriterion.of(criterion))
    return working
