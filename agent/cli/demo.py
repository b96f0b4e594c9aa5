"""`closeread demo` and `closeread report`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agent.cli.context import As, Json, console, print_json, run, say, say_withheld, workspace
from agent.errors import InputError

if TYPE_CHECKING:
    from agent.cli.scoring import Outcome
    from agent.domain.rubric import Rubric
    from agent.report.after_scores import Part
    from agent.wiring import Workspace

# What the recordings were made with; see evals/README.md.
RECORDED_MODEL = "openai/relay"
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
    from agent.cli.after_scores import import_history, report_parts
    from agent.cli.demo_calibration import import_calibration

    space = _demo_space(out)
    _import_sample(space)
    import_calibration(space)
    import_history(space)
    outcome = run(lambda: _pipeline(space))
    parts = report_parts(space)
    report = write_report(
        space, out / "report.html", "Ledgerline: win-loss patterns and scored calls", ORIGIN, after=parts
    )
    if json:
        print_json(_summary(space, outcome, report, parts))
    else:
        _show(space, outcome, report, parts)


def _demo_space(out: Path) -> Workspace:
    from agent.settings import Settings, shipped
    from agent.wiring import Workspace

    folder = out / "workspace"
    return Workspace(
        Settings(
            workspace=folder,
            database_url=f"sqlite:///{(folder / 'closeread.db').absolute()}",
            environment={"CLOSEREAD_MODEL": RECORDED_MODEL},
            replay=shipped("recordings") / "demo",
        )
    )


def _import_sample(space: Workspace) -> None:
    from agent.settings import shipped
    from agent.text.intake import load_calls, load_interviews

    sample = shipped("sample") / "ledgerline"
    interviews = load_interviews(sample / "interviews", sample / "interviews" / "interviews.csv")
    calls = load_calls(sample / "calls", sample / "calls" / "calls.csv")
    problems = (*interviews.problems, *calls.problems)
    if problems:
        raise InputError(f"the shipped sample cannot be read: {problems[0]}; install Closeread again")
    for interview in interviews.loaded:
        space.store.interviews.add(interview)
    for call in calls.loaded:
        space.store.calls.add(call)
    say(f"{len(interviews.loaded)} interviews and {len(calls.loaded)} calls imported")


async def _pipeline(space: Workspace) -> Outcome:
    from agent.cli.criteria import draft_criteria
    from agent.cli.patterns import extract_patterns
    from agent.cli.scoring import Scoring

    await extract_patterns(space, "model", space.concurrency, None)
    rubric = await draft_criteria(space, "draft", False, space.concurrency, None)
    scoring = Scoring(space, rubric, space.prompt("rate_call"), 0)
    outcome = await scoring.run(scoring.missing([], False), space.concurrency, None)
    if outcome.unanswered:
        raise InputError(next(iter(outcome.unanswered.values())))
    return outcome


def write_report(
    space: Workspace,
    path: Path,
    title: str,
    origin: str,
    rubric: str = "",
    viewer: str = "",
    after: Sequence[Part] = (),
) -> Path:
    """Write the report of a workspace to `path`, with the ratings that `viewer` may see."""
    from datetime import UTC, datetime

    from agent.cli.demo_calibration import calibration_reports
    from agent.cli.standing import standing_line
    from agent.cli.views import moments_line, patterns_worth
    from agent.report.page import Contents, render

    store = space.store
    extraction, found = store.extractions.newest(), store.rubrics.get(rubric)
    look = store.ratings.look(rubric=found.id, viewer=viewer)
    say_withheld(look)
    contents = Contents(
        title=title,
        made_at=datetime.now(UTC),
        interviews=store.interviews.all(extraction.patterns.interviews),
        extraction=extraction,
        worth=patterns_worth(extraction.patterns),
        moments=moments_line(extraction.patterns),
        rubric=found,
        calls=store.calls.all(),
        ratings=look.ratings,
        cost=[_spent(s) for s in store.ledger.totals()],
        origin=origin,
        moment_names={m.id: m.name for m in space.stages.moments},
        notes=(standing_line(store.rubric_states.of(found.id)), *map(str, look.withheld)),
        calibration=calibration_reports(space),
        after=after,
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(render(contents), encoding="utf-8")
    return path


def _spent(spent: Any) -> dict[str, Any]:
    known = spent.usd > 0 or not spent.unpriced
    return {
        "model": spent.model,
        "prompt": spent.prompt,
        "requests": spent.requests,
        "reused": spent.reused,
        "input_tokens": spent.input_tokens,
        "output_tokens": spent.output_tokens,
        "usd": f"{spent.usd:.2f}" if known else "price unknown",
    }


def report(
    ctx: typer.Context,
    out: Annotated[Path, typer.Option("--out", help="HTML file to write.")] = Path("closeread-report.html"),
    rubric: Annotated[str, typer.Option(help="Id or label of the rubric; default: the newest.")] = "",
    title: Annotated[str, typer.Option(help="Title of the page.")] = "Win-loss patterns and scored calls",
    viewer: As = "",
) -> None:
    """One self-contained HTML page: patterns, criteria, calls with their evidence, cost and provenance."""
    from agent.cli.after_scores import report_parts

    space = workspace(ctx)
    origin = "asked of the models named above"
    written = write_report(space, out, title, origin, rubric, viewer, report_parts(space, viewer))
    console().print(f"written: {written}")


def _summary(space: Workspace, outcome: Outcome, report: Path, parts: list[Part]) -> dict[str, Any]:
    from agent.cli.after_scores import parts_data
    from agent.cli.demo_calibration import calibration_reports
    from agent.cli.round_views import report_data
    from agent.cli.views import pattern_data

    rubric: Rubric = space.store.rubrics.get()
    return {
        "patterns": pattern_data(space.store.extractions.newest().patterns),
        "rubric": {"id": rubric.id, "criteria": [c.id for c in rubric.criteria]},
        "scored": outcome.data(),
        "calibration": [report_data(r) for r in calibration_reports(space)],
        **parts_data(parts),
        "report": str(report),
    }


def _show(space: Workspace, outcome: Outcome, report: Path, parts: list[Part]) -> None:
    from agent.cli.after_scores import show_parts
    from agent.cli.demo_calibration import calibration_reports, show_calibration
    from agent.cli.patterns import show_patterns
    from agent.cli.views import team_table

    show_patterns(space.store.extractions.newest())
    rubric = space.store.rubrics.get()
    team_table(rubric, space.store.calls.all(), space.store.ratings.current(rubric=rubric.id))
    console().print(outcome.summary())
    show_calibration(calibration_reports(space))
    show_parts(parts)
    console().print(f"Model replies: {ORIGIN}.")
    console().print(f"Report: {report} (open it in a browser)")
