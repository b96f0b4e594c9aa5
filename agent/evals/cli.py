"""`closeread eval`: no prompt, model or rubric changes without proof."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agent.app.cli.context import Budget, Concurrency, DryRun, Json, console, print_json, say, table, workspace
from agent.evals import cli_import as eval_import

app = typer.Typer(no_args_is_help=True, help="Hold ratings against manually scored cases; ship or do not ship.")
app.add_typer(eval_import.app, name="import")

SuiteName = Annotated[str, typer.Argument(help="Name of a suite, or its folder.", show_default=False)]
RunId = Annotated[str, typer.Argument(help="Id of a run.", show_default=False)]
Html = Annotated[Path | None, typer.Option("--html", help="Write the report to this HTML file.")]
Junit = Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML for CI to this file.")]


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """Suites and runs of this workspace. A suite that cannot be read is named, and the others are listed."""
    from agent.evals.cli_views import run_rows
    from agent.evals.verbs import accepted_runs, archive, evaluation_data, readable_suites

    space = workspace(ctx)
    suites, found = readable_suites(space, say), archive(space).runs()
    accepted = accepted_runs(space, suites)
    if json:
        print_json(evaluation_data(suites, found, accepted))
        return
    rows = [[s.name, s.file.kind, len(s.cases), s.file.prompt, s.file.about.split(". ")[0]] for s in suites]
    table("Suites", ["suite", "kind", "cases", "prompt", "what for"], rows, right=["cases"])
    columns = ["run", "suite", "split", "model", "prompt", "mode", "draws", "cases", "at (UTC)", ""]
    table("Runs", columns, run_rows(found, accepted), right=["draws", "cases"])


@app.command("run")
def run_(
    ctx: typer.Context,
    suite: SuiteName,
    model: Annotated[str, typer.Option(help="A model in the place of the one bound to the role.")] = "",
    prompt: Annotated[str, typer.Option(help="Prompt, as name or name@version.")] = "",
    draws: Annotated[int, typer.Option(min=1, help="Independent readings, for the flip rate.")] = 1,
    split: Annotated[str, typer.Option(help="dev or test; default: all.")] = "",
    tag: Annotated[str, typer.Option(help="Only cases with this tag.")] = "",
    cases: Annotated[str, typer.Option(help="Only these cases, separated by commas.")] = "",
    rubric: Annotated[
        Path | None, typer.Option("--rubric", help="File with another wording of the same criteria.")
    ] = None,
    per_criterion: Annotated[bool, typer.Option("--per-criterion", help="One request a criterion.")] = False,
    concurrency: Concurrency = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    html: Html = None,
    junit: Junit = None,
    json: Json = False,
) -> None:
    """Ask about every case and report. What was asked before is in the cache; running again asks what is missing."""
    from agent.app.cli.plan import show_plan
    from agent.evals.cli_views import show_report
    from agent.evals.cli_work import run_suite
    from agent.evals.verbs import Wanted, find_suite, planned
    from agent.scoring.cli import split as listed
    from agent.workspace import Workspace

    space = Workspace(workspace(ctx).settings, model=model)
    found = find_suite(space, suite)
    if rubric is not None:
        from agent.rubrics.file import read_rubric

        found = found.with_rubric(read_rubric(rubric, rubric.stem))
    wanted = Wanted(split, tag, tuple(listed(cases)), prompt, draws, per_criterion)
    if dry_run:
        show_plan(space, planned(space, found, wanted).requests(), json)
        return
    try:
        stored = run_suite(space, found, wanted, concurrency or space.concurrency, budget)
    except KeyboardInterrupt:
        say("stopped; every reply is in the cache, and running again asks only what is missing")
        raise typer.Exit(130) from None
    _files(stored.report, html, junit)
    if json:
        print_json(stored.report.model_dump(mode="json"))
    else:
        show_report(stored.report, tuple(found.file.metrics))


def _files(report: object, html: Path | None, junit: Path | None) -> None:
    from agent.evals.junit import report_junit
    from agent.evals.page import report_page

    for path, text in ((html, report_page), (junit, report_junit)):
        if path is not None:
            write(path, text(report))  # type: ignore[arg-type]


def write(path: Path, text: str) -> None:
    """Write a file and say so."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    say(f"written: {path}")


@app.command()
def show(ctx: typer.Context, run: RunId, html: Html = None, junit: Junit = None, json: Json = False) -> None:
    """The report of a run that is kept."""
    from agent.evals.cli_views import show_report
    from agent.evals.verbs import archive

    report = archive(workspace(ctx)).run(run).report
    _files(report, html, junit)
    if json:
        print_json(report.model_dump(mode="json"))
    else:
        show_report(report)


@app.command()
def compare(ctx: typer.Context, first: RunId, second: RunId, html: Html = None, json: Json = False) -> None:
    """The second run against the first on the same cases: better, worse, same; and what flipped, with both quotes."""
    from agent.evals.cli_views import show_comparison
    from agent.evals.page import comparison_page
    from agent.evals.verbs import comparison

    found = comparison(workspace(ctx), first, second)
    if html is not None:
        write(html, comparison_page(found))
    if json:
        print_json(found.model_dump(mode="json"))
    else:
        show_comparison(found)


@app.command()
def gate(
    ctx: typer.Context,
    suite: SuiteName,
    run: Annotated[str, typer.Option("--run", help="The candidate; default: the suite's newest run.")] = "",
    against: Annotated[str, typer.Option("--against", help="The run to hold it against; default: the baseline.")] = "",
    junit: Junit = None,
    json: Json = False,
) -> None:
    """May it go out? Exit 0 if yes, 4 if not, with what to look at."""
    from agent.evals.cli_views import show_verdict
    from agent.evals.junit import verdict_junit
    from agent.evals.verbs import gate as judged

    verdict = judged(workspace(ctx), suite, run, against)
    if junit is not None:
        write(junit, verdict_junit(verdict))
    if json:
        print_json({"passed": verdict.passed, **verdict.model_dump(mode="json")})
    else:
        show_verdict(verdict)
    verdict.require()


@app.command()
def accept(
    ctx: typer.Context,
    run: RunId,
    by: Annotated[str, typer.Option("--by", help="Who accepts it.")],
    reason: Annotated[str, typer.Option("--reason", help="Why.")],
    json: Json = False,
) -> None:
    """Make a run the baseline that the gate holds later ones against."""
    from agent.evals.verbs import accept as accepted

    found = accepted(workspace(ctx), run, by, reason)
    if json:
        print_json(found.model_dump(mode="json"))
    else:
        console().print(f"{found.run} is the baseline of {found.suite}: {found.model}, {found.prompt}", markup=False)


@app.command()
def add(
    ctx: typer.Context,
    suite: Annotated[str, typer.Argument(help="Name of the workspace's suite; made if it is not there.")],
    from_calibration: Annotated[
        bool, typer.Option("--from-calibration", help="All that raters agreed on or settled afterwards.")
    ] = False,
    from_disputes: Annotated[
        bool, typer.Option("--from-disputes", help="Only what they had differed on and settled.")
    ] = False,
    split: Annotated[str, typer.Option(help="dev or test.")] = "dev",
    json: Json = False,
) -> None:
    """Turn settled ratings of calibration rounds into cases."""
    from agent.core.errors import UsageError
    from agent.evals.settled_cases import add_cases

    if from_calibration == from_disputes:
        raise UsageError("say where cases come from: --from-calibration or --from-disputes")
    if split not in ("dev", "test"):
        raise UsageError("--split is dev or test")
    added = add_cases(workspace(ctx), suite, disputes_only=from_disputes, split=split)
    if json:
        print_json(added)
    else:
        console().print(
            f"{added['cases']} cases with {added['ratings']} settled ratings in {added['folder']}", markup=False
        )


@app.command()
def schema(out: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("docs/schema")) -> None:
    """Write the JSON schemas of suites, cases and reports, for editors and for whoever reads the reports."""
    from agent.evals.schemas import write_schemas

    for path in write_schemas(out):
        console().print(f"written: {path}", markup=False)
