"""What speaks against a criterion: rules that need no model, and the model's three tests
(specific, observable, unambiguous)."""

import re
from dataclasses import dataclass
from typing import Any

from agent.core.errors import InputError
from agent.core.language import N_
from agent.llm.model import Request
from agent.llm.roles import Role
from agent.patterns.checking import check_request, flaws_of
from agent.rubrics.drafts_model import WorkingCriterion
from agent.rubrics.model import Criterion, Rubric
from agent.rubrics.vague import LANGUAGES, Vague, vague_in
from agent.text.recognising import language_of
from agent.text.words import words_in
from agent.workspace import Workspace

# The method asks for two sentences; what managers must hold in mind while listening is not longer.
MOST_WORDS = 45


def rule_findings(criterion: Criterion) -> list[str]:
    """What the rules hold against a criterion, one sentence each. Of a language whose words they do not know they count
    and look at the levels only."""
    text, levels = criterion.description, criterion.anchors
    language = language_of([text, *levels.values()]) or "en"
    vague = vague_in(language) if language in LANGUAGES else None
    findings = [] if vague is None else _worded(vague, criterion)
    if (words := words_in(text)) < 6:
        findings.append("not specific: fewer than six words leave open what counts")
    if words > MOST_WORDS:
        findings.append(f"long: {words} words; two sentences with at most {MOST_WORDS} are remembered while listening")
    if not criterion.scale.binary and not levels and not re.search(r"\b1\s*=", text):
        findings.append("a scale without anchors: say what each level looks like")
    if missing := [level for level in criterion.levels if levels and level not in levels]:
        findings.append(f"no anchor for level {', '.join(map(str, missing))}")
    return findings + ([] if vague is None else _gaps(vague, criterion))


def _worded(vague: Vague, criterion: Criterion) -> list[str]:
    text, findings = criterion.description, []
    if vague.topics.search(text):
        findings.append("not specific: it names a quality, not an act that a transcript can show")
    if (degree := vague.degree.search(text)) and not criterion.anchors and criterion.scale.binary:
        findings.append(f"not unambiguous: {degree[0]!r} has no bound")
    if inner := vague.inner.search(text):
        findings.append(f"not observable: {inner[0]!r} is inside somebody's head")
    return findings + _uncounted(vague, " ".join([text, *criterion.anchors.values()]))


def _uncounted(vague: Vague, text: str) -> list[str]:
    found = ((one.words.search(text), one.say) for one in vague.uncounted)
    return [f"not unambiguous: {match[0]!r} is no number; {say}" for match, say in found if match]


def _gaps(vague: Vague, criterion: Criterion) -> list[str]:
    """What calls may hold that no level is for: that the occasion never came, where the criterion is about one."""
    levels = " ".join(criterion.anchors.values()) or criterion.description
    told = criterion.anchors or not criterion.scale.binary  # of yes and no, no covers it
    if (
        criterion.counts
        or criterion.not_applicable_when
        or not told
        or not vague.occasion.search(f"{criterion.description} {levels}")
    ):
        return []
    return [] if vague.nothing_came.search(levels) else ["no level for: nothing of the kind was raised"]


KIND = "Criterion for rating sales calls"


@dataclass(frozen=True)
class CriterionCheck:
    """What was found wrong with one criterion. `tests` is None where no model was asked."""

    criterion: str
    rules: list[str]
    tests: list[str] | None
    rewrite: str


def _request(criterion: Criterion, role: Role, space: Workspace) -> Request[Any]:
    return check_request(KIND, criterion.name, criterion.description, role, space.prompt("check_criterion"))


def check_requests(space: Workspace, rubric: Rubric) -> list[Request[Any]]:
    """The requests that checking would send."""
    role = space.planned_role("drafter")
    return [_request(criterion, role, space) for criterion in rubric.criteria]


async def check_criteria(space: Workspace, rubric: Rubric, budget: float | None = None) -> list[CriterionCheck]:
    """A check for each criterion, in the rubric's order."""
    if space.settings.binding("drafter") is None:
        return [CriterionCheck(c.id, list(rule_findings(c)), None, "") for c in rubric.criteria]
    checks = []
    async with space.roles("drafter", budget_usd=budget) as roles:
        for c in rubric.criteria:
            reply = await roles["drafter"].ask(_request(c, roles["drafter"], space))
            flaws, rewrite = list(flaws_of(reply.value)), reply.value.rewrite
            checks.append(CriterionCheck(c.id, list(rule_findings(c)), flaws, rewrite))
    return checks


_NAMES = N_("specific"), N_("observable"), N_("unambiguous")
TESTS = {
    "specific": N_("It names one act, so that two people would point at the same words."),
    "observable": N_("A transcript can show it: nothing inside a head, nothing outside the call."),
    "unambiguous": N_("Where it begins and ends is said: no “good”, “early” or “enough” without a bound."),
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
    """The tests, what else to fix, and the wording that a model suggests (empty if none)."""

    tests: tuple[TestResult, ...]
    others: tuple[str, ...]
    rewrite: str = ""

    @property
    def findings(self) -> int:
        """How many things were found."""
        return len(self.others) + sum(len(t.rules) + len(t.model or ()) for t in self.tests)


def tested(working: WorkingCriterion) -> Tested:
    """The rules' findings, without a model. Empty fields are findings too."""
    try:
        criterion = working.finished()
    except InputError as error:
        return _sorted([], None, (str(error),))
    missing = tuple(
        said
        for kind, said in (("present", N_("no present example yet")), ("absent", N_("no absent example yet")))
        if not any(e.kind == kind for e in working.examples)
    )
    return _sorted(rule_findings(criterion), None, missing)


async def tested_by_model(space: Workspace, working: WorkingCriterion) -> Tested:
    """The same with the drafter's three tests. RoleUnbound without a drafter, InputError if something is empty."""
    space.binding("drafter")
    check = (await check_criteria(space, Rubric(criteria=(working.finished(),))))[0]
    sorted_tests = _sorted(check.rules, check.tests, tested(working).others)
    return Tested(sorted_tests.tests, sorted_tests.others, check.rewrite.strip())


def _sorted(rules: list[str], model: list[str] | None, others: tuple[str, ...]) -> Tested:
    """Sorts findings by test: those of a test begin with `not <test>:`, the rest belong to none."""
    tests = tuple(
        TestResult(name, means, _of(rules, name), None if model is None else _of(model, name))
        for name, means in TESTS.items()
    )
    loose = [f for f in rules if not any(f.startswith(f"not {name}:") for name in TESTS)]
    return Tested(tests, tuple(dict.fromkeys([*loose, *others])))


def _of(findings: list[str], test: str) -> tuple[str, ...]:
    head = f"not {test}:"
    return tuple(f.removeprefix(head).strip() for f in findings if f.startswith(head))
