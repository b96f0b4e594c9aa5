"""The three tests of one criterion as it is edited: what the rules find at once, and what a model says when asked."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agent.core.errors import InputError

if TYPE_CHECKING:
    from agent.rubrics.drafts_model import WorkingCriterion
    from agent.workspace import Workspace

TESTS = {
    "specific": "It names one act, so that two people would point at the same words.",
    "observable": "A transcript can show it: nothing inside a head, nothing outside the call.",
    "unambiguous": "Where it begins and ends is said: no “good”, “early” or “enough” without a bound.",
}


@dataclass(frozen=True)
class TestResult:
    """One test. `rules` and `model` are what speaks against it; `model` is None where no model was asked."""

    name: str
    means: str
    rules: tuple[str, ...]
    model: tuple[str, ...] | None

    @property
    def found(self) -> bool:
        """Whether anything speaks against it."""
        return bool(self.rules or self.model)


@dataclass(frozen=True)
class Tested:
    """The tests, what else is to be mended, and the wording that a model suggests (empty if none)."""

    tests: tuple[TestResult, ...]
    others: tuple[str, ...]
    rewrite: str = ""

    @property
    def findings(self) -> int:
        """How many things were found."""
        return len(self.others) + sum(len(t.rules) + len(t.model or ()) for t in self.tests)


def tested(working: WorkingCriterion) -> Tested:
    """What the rules find; asks no model. Something that is still empty is a finding too."""
    from agent.rubrics.lint import rule_findings

    try:
        criterion = working.finished()
    except InputError as error:
        return _sorted([], None, (str(error),))
    missing = tuple(
        f"no {kind} example yet" for kind in ("present", "absent") if not any(e.kind == kind for e in working.examples)
    )
    return _sorted(rule_findings(criterion), None, missing)


async def tested_by_model(space: Workspace, working: WorkingCriterion) -> Tested:
    """The same with the drafter's three tests. RoleUnbound without a drafter, InputError where something is empty."""
    from agent.rubrics.criterion_checks import check_criteria
    from agent.rubrics.model import Rubric

    space.binding("drafter")
    check = (await check_criteria(space, Rubric(criteria=(working.finished(),))))[0]
    found = _sorted(check.rules, check.tests, tested(working).others)
    return Tested(found.tests, found.others, check.rewrite.strip())


def _sorted(rules: list[str], model: list[str] | None, others: tuple[str, ...]) -> Tested:
    """Findings begin with `not <test>:`; whatever does not belongs to no test."""
    tests = tuple(
        TestResult(name, means, _of(rules, name), None if model is None else _of(model, name))
        for name, means in TESTS.items()
    )
    loose = [f for f in rules if not any(f.startswith(f"not {name}:") for name in TESTS)]
    return Tested(tests, tuple(dict.fromkeys([*loose, *others])))


def _of(findings: list[str], test: str) -> tuple[str, ...]:
    head = f"not {test}:"
    return tuple(f.removeprefix(head).strip() for f in findings if f.startswith(head))
