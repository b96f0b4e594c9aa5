"""`closeread demo` and `closeread report`."""

from pathlib import Path
from typing import Annotated, Any

import typer

from agent.app.cli.context import Json, console, me, print_json, run, say, table
from agent.app.cli.parts import print_parts
from agent.app.cli.progress import phases
from agent.app.cli.writing import LanguageOption
from agent.app.documents.part import Part
from agent.app.verb import Who
from agent.calibration.rounds import calibration_reports
from agent.calibration.views_report import RoundReportView
from agent.core.direction import Direction
from agent.core.errors import InputError
from agent.core.language import speaking
from agent.core.people import Scope
from agent.core.statistic import Estimate, Statistic
from agent.documents.after_scores import parts_data, report_parts
from agent.documents.report_page import report_html
from agent.documents.verbs import REPORT_TITLE, export_report
from agent.patterns.cli import extracted, show_patterns
from agent.patterns.verbs import current
from agent.patterns.views import PatternSetView
from agent.profiles.heat_map import HeatMap, team_heat_map
from agent.profiles.population import ALL
from agent.profiles.season import season
from agent.rubrics import drafts
from agent.rubrics.cli import drafted
from agent.rubrics.drafting import draft_rubric, sources
from agent.rubrics.model import Rubric
from agent.rubrics.proposal import proposal
from agent.rubrics.store import Rubrics, RubricStates
from agent.rubrics.verbs import publish_draft
from agent.scoring.cli_run import scored, summary
from agent.scoring.running import Outcome, Scoring
from agent.scoring.trial import choose_calls
from agent.scoring.verbs import fit_rubric
from agent.scoring.views import TrialView
from agent.settings import Settings, shipped
from agent.start.demo_calibration import show_calibration
from agent.start.verbs import use_sample
from agent.workspace import Workspace

# What the recordings were made with; see evals/README.md.
RECORDED_MODEL = "openai/relay"
# Labels of the rubric that the demo drafts from the sample's patterns, and of that rubric made to fit the sample's
# calls. ANEW is drafted from the same patterns with the prompts below, and tried on the same calls.
DRAFT, FITTED, ANEW = "draft", "draft-2", "draft-3"
ANEW_PROMPTS = ("draft_criteria@2", "check_criterion@2")
ORIGIN = "recorded: a capable model over the relay; token counts are estimates"


def demo(
    out: Annotated[Path, typer.Option("--out", help="Folder for the report and the demo's workspace.")] = Path(
        "closeread-demo"
    ),
    json: Json = False,
) -> None:
    """The whole pipeline on the shipped sample, with no key and no network.

    Every model request is the real one; it is answered from recordings by its id. Everything else computes.
    """
    space = _demo_space(out)
    use_sample(_demo_who(space), say, again=True)
    outcome = run(lambda: _pipeline(space))
    parts = report_parts(space, say)
    title = "Ledgerline: win-loss patterns and scored calls"
    report = _written(
        report_html(space, say, title, ORIGIN, FITTED, drafted=DRAFT, anew=ANEW, after=parts), out / "report.html"
    )
    if json:
        return print_json(_summary(space, outcome, report, parts))
    _show(space, outcome, report, parts)


def _demo_space(out: Path) -> Workspace:
    folder = out / "workspace"
    return Workspace(
        Settings(
            workspace=folder,
            database_url=f"sqlite:///{(folder / 'closeread.db').absolute()}",
            environment={"CLOSEREAD_MODEL": RECORDED_MODEL},
            replay=shipped("recordings") / "demo",
        )
    )


def _demo_who(space: Workspace) -> Who:
    return Who(space, Scope(local=True), as_name="the demo")


async def _pipeline(space: Workspace) -> Outcome:
    """Patterns, a drafted rubric, its trial on calls, the rubric made to fit them, and
    every call scored against that."""
    who = _demo_who(space)
    await extracted(who, "model", space.concurrency, None)
    draft = await drafted(space, DRAFT, space.concurrency, None)
    await _scored(space, draft)
    scored = await _scored(space, await _fitted(who, draft))
    await _scored(space, await _anew(space), trial_only=True)
    return scored


async def _scored(space: Workspace, rubric: Rubric, *, trial_only: bool = False) -> Outcome:
    """Every call read against `rubric`, or only the trial's, and the trial's once more."""
    first, second = (Scoring(space, rubric, space.prompt("rate_call"), draw) for draw in (0, 1))
    tried = choose_calls(space, rubric)
    outcome = await scored(first, first.missing(tried if trial_only else [], False), space.concurrency, None)
    again = await scored(second, second.missing(tried, False), space.concurrency, None)
    if unanswered := outcome.unanswered | again.unanswered:
        raise InputError(next(iter(unanswered.values())))
    return outcome


async def _fitted(who: Who, draft: Rubric) -> Rubric:
    """The draft made to fit calls and published, as a person would who has read it; the one
    from before where there is one."""
    for stored in who.space.store[Rubrics].all():
        if stored.rubric.label == FITTED:
            return stored.rubric
    if not drafts.opened(who.space, draft).open:
        await fit_rubric(who, draft, who.space.concurrency, None)
    return publish_draft(who, draft.label, drafts.opened(who.space, draft).version, FITTED).rubric


async def _anew(space: Workspace) -> Rubric:
    """The same patterns drafted with the newest prompts; the rubric from before where there is one."""
    store = space.store[Rubrics]
    for stored in store.all():
        if stored.rubric.label == ANEW:
            return stored.rubric
    prompts, patterns = (space.prompt(ANEW_PROMPTS[0]), space.prompt(ANEW_PROMPTS[1])), proposal(space).patterns
    async with space.roles("drafter") as roles:
        role = roles["drafter"]
        with phases() as phase:
            step = phase("drafting them anew", len(patterns))
            texts = sources(space, role.context_tokens)
            return store.add(await draft_rubric(patterns, texts, role, prompts, ANEW, space.concurrency, step))


def report(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="HTML file to write.")] = Path("closeread-report.html"),
    rubric: Annotated[str, typer.Option(help="Id or label of the rubric; default: the one in use.")] = "",
    title: Annotated[str, typer.Option(help="Title of the page.")] = REPORT_TITLE,
    language: LanguageOption = "en",
) -> None:
    """One self-contained HTML page: patterns, criteria, calls with their evidence, cost and provenance."""
    with speaking(language):
        made = export_report(me(ctx), title, rubric, say)
    console().print(f"written: {_written(made, out)}")


def _written(html: str, path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(html, encoding="utf-8")
    return path


def _summary(space: Workspace, outcome: Outcome, report: Path, parts: list[Part]) -> dict[str, Any]:
    rubric: Rubric = space.store[Rubrics].get(FITTED)
    return {
        "patterns": PatternSetView.of(current(space)).data(),
        "rubric": {"id": rubric.id, "criteria": [c.id for c in rubric.criteria]},
        "trial_of_draft": TrialView.of(space, space.store[Rubrics].get(DRAFT)).data(),
        "trial": TrialView.of(space, rubric).data(),
        "trial_of_new_draft": TrialView.of(space, space.store[Rubrics].get(ANEW)).data(),
        "scored": outcome.data(),
        "calibration": [RoundReportView.of(r).data() for r in calibration_reports(space)],
        **parts_data(parts),
        "report": str(report),
    }


def _show(space: Workspace, outcome: Outcome, report: Path, parts: list[Part]) -> None:
    show_patterns(PatternSetView.of(current(space)))
    _team_table(team_heat_map(season(space, rubric=FITTED), ALL))
    console().print(summary(outcome))
    for label, when in ((DRAFT, "as drafted"), (FITTED, "made to fit calls"), (ANEW, "drafted anew")):
        console().print(f"Trial, {when}: {TrialView.of(space, space.store[Rubrics].get(label)).sentence}")
    console().print("The report names what is wrong with the others.")
    deployed = space.store[RubricStates].of(space.store[Rubrics].get("ledgerline-team").id)
    show_calibration(calibration_reports(space), deployed)
    console().print()
    print_parts(*parts, figures=False)
    console().print(f"Model replies: {ORIGIN}.")
    console().print(f"Report: {report} (open it in a browser)")


def _team_table(found: HeatMap) -> None:
    """How often each rep showed each criterion, of the calls rated."""
    said = {(row.rep, row.criterion): row.shown for row in found.rows()}
    rows = [[Direction.of(c).named(c.id), *(_count(said[rep, c.id]) for rep in found.reps)] for c in found.criteria]
    title = "Calls in which each rep showed the behavior, of those rated"
    table(title, ["criterion", *found.reps], rows, right=list(found.reps))


def _count(shown: Statistic) -> str:
    return f"{round(shown.value * shown.n)} of {shown.n}" if isinstance(shown, Estimate) else "–"
