"""Sharper wordings over HTTP: drafted by the model or written by hand, compared, accepted as a new version.

The API first, then the pages.
"""

import asyncio
from dataclasses import dataclass, field, replace
from typing import Annotated, Any

from fastapi import Depends, Query, Request
from fastapi.responses import HTMLResponse, Response
from starlette.datastructures import FormData

from agent.app.web.auth import Anew, OpsLead, SignedIn, Team
from agent.app.web.problems import checked, status_of
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.calibration import rounds, verbs
from agent.calibration.report import CriterionReport, RoundReport
from agent.calibration.rounds import newest_version
from agent.calibration.sharpening import NewExample, Rewording, Sharpened, changes_between, reworded, word_changes
from agent.calibration.steps import step_of_round
from agent.calibration.views_sharpening import (
    AcceptedWordings,
    DraftsWanted,
    NearMiss,
    NewVersionView,
    SharperDrafts,
    SharperView,
    example_of,
)
from agent.calibration.web_rounds import Number, round_of
from agent.core.errors import (
    BudgetExceeded,
    CloseReadError,
    ConfigError,
    Conflict,
    InputError,
    ModelError,
    UsageError,
)
from agent.core.language import _
from agent.people.store import People
from agent.rubrics.drafts import next_label
from agent.rubrics.model import Criterion, criterion_of
from agent.rubrics.store import Rubrics

api = api_router("calibration")
pages = page_router()


@api.post("/rounds/{number}/sharpen/drafts")
def draft(who: OpsLead, number: Number, wanted: DraftsWanted, _anew: Anew) -> SharperDrafts:
    """Ask the model bound as drafter for sharper wordings, made from the calls that split the raters."""
    made = asyncio.run(verbs.draft_wordings(who, str(number), wanted.criteria, wanted.budget_usd))
    before = {criterion.id: len(criterion.examples) for criterion in made.report.rubric.criteria}
    return SharperDrafts(items=[SharperView.of(one, before[one.criterion.id]) for one in made.drafts])


@api.post("/rounds/{number}/sharpen/accept", status_code=201)
def accept(who: OpsLead, number: Number, accepted: AcceptedWordings) -> NewVersionView:
    """Store the wordings as a new version of the round's rubric. The old version stays."""
    made = verbs.accept_wordings(who, str(number), [one.given for one in accepted.criteria], accepted.label)
    return NewVersionView.of(made.rubric, made.before)


# Pages.

_MOST = 4000  # characters of one text


async def _form(request: Request) -> FormData:
    return await request.form()


Fields = Annotated[FormData, Depends(_form)]


@dataclass
class WordingForm:
    """What stands in the fields of one criterion. `moments` are examples on offer, by the value of their option."""

    found: CriterionReport
    description: str
    anchors: dict[int, str]
    rule: str
    moments: dict[str, NearMiss]
    chosen: str = ""
    why: str = ""
    difference: str = ""
    notes: tuple[str, ...] = ()
    problem: str = ""
    drafted: NearMiss | None = None
    changes: list[tuple[str, Any]] = field(default_factory=list)

    @property
    def criterion(self) -> Criterion:
        """As it was in the round."""
        return self.found.criterion

    @property
    def touched(self) -> bool:
        """Whether anything is different from the round's wording."""
        old = self.criterion
        anchors = {level: text for level, text in self.anchors.items() if text}
        return bool(
            self.chosen
            or " ".join(self.description.split()) != old.description
            or anchors != old.anchors
            or self.rule.strip() != old.not_applicable_when
        )

    @property
    def given(self) -> Rewording:
        """As the service takes it."""
        example = self.moments.get(self.chosen)
        examples = [] if example is None else [_new(example, self.why)]
        return Rewording(self.criterion.id, self.description, self.anchors, self.rule, examples)

    def compare(self) -> None:
        """Work out `changes`."""
        old = self.criterion
        pairs = [(_("Description"), old.description, self.description)]
        pairs += [(f"Level {level}", old.anchors.get(level, ""), text) for level, text in self.anchors.items()]
        pairs += [(_("Does not apply when"), old.not_applicable_when, self.rule)]
        self.changes = [(name, word_changes(was, now)) for name, was, now in pairs if was.split() != now.split()]


def _new(example: NearMiss, why: str) -> NewExample:
    return replace(example.new, why=why or example.why)


def _moments(found: CriterionReport) -> dict[str, NearMiss]:
    """The quotes of the raters who differed: any may become an example."""
    offered: dict[str, NearMiss] = {}
    for split in found.splits:
        for quote in [q for rating in split.ratings for q in rating.judgement.quotes]:
            for kind in ("present", "absent"):
                key = f"{kind}:{split.call}:{quote.span.turn}:{quote.span.start}:{quote.span.end}"
                offered[key] = NearMiss.model_validate(
                    {"kind": kind, "call": split.call, "turn": quote.span.turn, "words": quote.text[:_MOST]}
                )
    return offered


def _unchanged(found: CriterionReport) -> WordingForm:
    old = found.criterion
    levels = old.levels if not old.scale.binary or old.anchors else ()
    anchors = {level: old.anchors.get(level, "") for level in levels}
    return WordingForm(found, old.description, anchors, old.not_applicable_when, _moments(found))


def _typed(found: CriterionReport, form: FormData) -> WordingForm:
    """The fields of one criterion as they were sent; what was not sent stays as it was."""
    wording, ident = _unchanged(found), found.criterion.id

    def text(name: str, before: str) -> str:
        value = form.get(f"{name}:{ident}", before)
        return value[:_MOST] if isinstance(value, str) else before

    wording.description = text("description", wording.description)
    wording.anchors = {level: text(f"anchor-{level}", before) for level, before in wording.anchors.items()}
    wording.rule = text("rule", wording.rule)
    wording.chosen, wording.why = text("example", ""), text("why", "")
    if words := text("drafted-words", ""):
        sent = {"call": text("drafted-call", ""), "turn": text("drafted-turn", "") or None, "words": words}
        wording.drafted = checked(NearMiss, sent)
        wording.moments["drafted"] = wording.drafted
    if wording.chosen not in wording.moments:
        wording.chosen = ""
    wording.compare()
    return wording


def _report(who: SignedIn, number: int) -> RoundReport:
    return rounds.report_of(who.space, str(number), who.name)


def _one(report: RoundReport, ident: str) -> CriterionReport:
    criterion_of(report.rubric, ident)
    return next(found for found in report.criteria if found.criterion.id == ident)


@pages.get("/calibration/{number}/sharpen")
def sharpen(request: Request, who: OpsLead, number: Number) -> HTMLResponse:
    """The wordings to change: what failed first."""
    report = _report(who, number)
    return _page(request, who, report, [_unchanged(found) for found in report.criteria])


@pages.post("/calibration/{number}/sharpen/draft")
def draft_on_page(request: Request, who: OpsLead, number: Number, form: Fields, _anew: Anew) -> HTMLResponse:
    """Let the model draft one criterion from the calls that split its raters; the fields are
    filled in, nothing is stored."""
    report, ident = _report(who, number), str(form.get("criterion", ""))
    found = _one(report, ident)
    problem: CloseReadError | None = None
    try:
        # This runs in a thread of its own: the server goes on while the model is waited for.
        made = asyncio.run(verbs.draft_wordings(who, str(number), [ident]))
    except (ModelError, ConfigError, BudgetExceeded, InputError) as error:
        wording, problem = _typed(found, form), error
        wording.problem = str(error)
    else:
        wording = _drafted(found, made.drafts[0])
    if request.headers.get("hx-request") == "true":
        values = {"wording": wording, "found": report.round, "bound": _bound(who)}
        page = render(request, "calibration/_wording.html", who, values, status_of(problem) if problem else 200)
        page.headers.update({"HX-Retarget": f"#wording-{ident}", "HX-Reswap": "outerHTML"})
        return page
    others = [wording if one is found else _typed(one, form) for one in report.criteria]
    return _page(request, who, report, others, str(form.get("label", "")), problem)


def _drafted(found: CriterionReport, made: Sharpened) -> WordingForm:
    new, wording = made.criterion, _unchanged(found)
    wording.description = new.description
    wording.anchors = {level: new.anchors.get(level, "") for level in wording.anchors}
    wording.difference, wording.notes = made.difference, made.notes
    wording.drafted = example_of(made, len(found.criterion.examples))
    if wording.drafted is not None:
        wording.moments["drafted"] = wording.drafted
        wording.chosen, wording.why = "drafted", wording.drafted.why
    wording.compare()
    return wording


@pages.post("/calibration/{number}/sharpen/changes")
def changes(request: Request, who: OpsLead, number: Number, form: Fields) -> HTMLResponse:
    """Old against new while somebody types. Stores nothing."""
    wording = _typed(_one(_report(who, number), str(form.get("criterion", ""))), form)
    return render(request, "calibration/_changes.html", who, {"changes": wording.changes, "examples": ()})


@pages.post("/calibration/{number}/sharpen")
def accept_on_page(request: Request, who: OpsLead, number: Number, form: Fields) -> Response:
    """Store what was changed as a new version of the rubric."""
    report = _report(who, number)
    wordings = [_typed(found, form) for found in report.criteria]
    label = str(form.get("label", ""))[:200]
    try:
        changed = [wording for wording in wordings if wording.touched]
        if not changed:
            raise InputError("nothing is different yet: change a description, a level or an example first")
        _check_each(who, report, changed)
        made = verbs.accept_wordings(who, str(number), [wording.given for wording in changed], label)
    except (InputError, UsageError, Conflict) as error:
        return _page(request, who, report, wordings, label, error)
    new = made.rubric
    return done(request, f"/calibration/{number}/reworded?rubric={new.id}", _("Stored as {label}.", label=new.label))


def _check_each(who: SignedIn, report: RoundReport, changed: list[WordingForm]) -> None:
    """InputError for the first that cannot be stored, and the sentence beside its fields as well."""
    for wording in changed:
        try:
            reworded(who.space, report, wording.given)
        except InputError as error:
            wording.problem = str(error)
            raise


@pages.get("/calibration/{number}/reworded")
def compare(
    request: Request, who: Team, number: Number, rubric: Annotated[str, Query(max_length=200)] = ""
) -> HTMLResponse:
    """The round's wording against a later version (default: the newest)."""
    space = who.space
    found = round_of(who, number)
    old = space.store[Rubrics].get(found.rubric)
    new = space.store[Rubrics].get(rubric) if rubric else newest_version(space, old)
    values = {"found": found, "old": old, "new": new, "changed": changes_between(old, new)}
    return render(request, "calibration/reworded.html", who, values)


def _bound(who: SignedIn) -> str:
    bound = who.space.settings.binding("drafter")
    return bound.model if bound else ""


def _page(
    request: Request,
    who: SignedIn,
    report: RoundReport,
    wordings: list[WordingForm],
    label: str = "",
    problem: CloseReadError | None = None,
) -> HTMLResponse:
    ordered = sorted(wordings, key=lambda w: w.found.state.verdict not in ("failed", "fell"))
    values = {
        "found": report.round,
        "report": report,
        "wordings": ordered,
        "label": label or next_label(who.space, report.rubric.label),
        "bound": _bound(who),
        "leads": who.space.store[People].leads(),
        "problem": str(problem) if problem else "",
        "step": step_of_round(who, report.round),
    }
    return render(request, "calibration/sharpen.html", who, values, status_of(problem) if problem else 200)
