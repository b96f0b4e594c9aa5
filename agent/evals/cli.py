"""`closeread eval`: no prompt, model or rubric changes without proof."""

from pathlib import Path
from typing import Annotated

import typer

from agent.app.cli.context import Budget, Concurrency, DryRun, Json, console, me, print_json, say, table, workspace
from agent.app.cli.context import run as run_async
from agent.app.cli.plan import plan_line, show_plan
from agent.app.cli.progress import phases
from agent.app.planning import planned as cost_of
from agent.app.verb import Who
from agent.app.view import Page
from agent.core.errors import GateClosed, UsageError
from agent.db.ledger import SqlLedger
from agent.evals import verbs
from agent.evals.annomi import import_annomi
from agent.evals.archive import Stored
from agent.evals.cli_views import show_comparison, show_report, show_verdict, spent_line
from agent.evals.junit import report_junit, verdict_junit
from agent.evals.lists import archive, find_suite, run_views, suite_views
from agent.evals.page import comparison_page, report_page
from agent.evals.schemas import write_schemas
from agent.evals.settled_cases import add_cases
from agent.evals.suite import Suite
from agent.evals.suite_files import Split
from agent.evals.variants import in_markdown, pair_report
from agent.evals.views import AcceptedView, AddedCases, SuiteList, VerdictView
from agent.evals.writing import suite_from_csv
from agent.rubrics.file import read_rubric
from agent.scoring.cli import split as listed
from agent.text.manifest import pairs

app = typer.Typer(no_args_is_help=True, help="Hold ratings against manually scored cases; ship or do not ship.")
importing = typer.Typer(no_args_is_help=True, help="Make a suite in the workspace from manual scores.")
app.add_typer(importing, name="import")

SuiteName = Annotated[str, typer.Argument(help="Name of a suite, or its folder.", show_default=False)]
RunId = Annotated[str, typer.Argument(help="Id of a run.", show_default=False)]
SuiteOption = Annotated[str, typer.Option("--suite", help="Only runs of this suite.")]
Html = Annotated[Path | None, typer.Option("--html", help="Write the report to this HTML file.")]
Junit = Annotated[Path | None, typer.Option("--junit", help="Write JUnit XML for CI to this file.")]


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """Suites of this workspace. One that cannot be read is named, and the others are listed."""
    suites = suite_views(workspace(ctx))
    if json:
        return print_json(SuiteList(items=suites))
    for suite in suites:
        if suite.problem:
            say(f"problem: {suite.problem}")
    rows = [[s.name, s.kind, s.cases, s.prompt, s.about.split(". ")[0]] for s in suites if not s.problem]
    table("", ["suite", "kind", "cases", "prompt", "what for"], rows, right=["cases"])


@app.command("runs")
def runs_(ctx: typer.Context, suite: SuiteOption = "", json: Json = False) -> None:
    """Runs of this workspace, newest first."""
    runs = run_views(workspace(ctx), suite)
    if json:
        return print_json(Page(items=runs))
    columns = ["run", "suite", "split", "model", "prompt", "mode", "draws", "cases", "at (UTC)", ""]
    rows = [
        [
            r.id,
            r.suite,
            r.split,
            f"{r.model} at {r.endpoint}" if r.endpoint else r.model,
            r.prompt,
            r.mode,
            r.draws,
            r.cases,
            f"{r.at:%Y-%m-%d %H:%M}",
            "baseline" * r.accepted,
        ]
        for r in runs
    ]
    table("", columns, rows, right=["draws", "cases"])


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
    fresh: Annotated[
        bool, typer.Option("--fresh", help="Ask anew what is in the cache: has the model changed?")
    ] = False,
    concurrency: Concurrency = None,
    budget: Budget = None,
    dry_run: DryRun = False,
    html: Html = None,
    junit: Junit = None,
    json: Json = False,
) -> None:
    """Ask about every case and report. What was asked before is in the cache; running again asks what is missing."""
    who = me(ctx)
    who = Who(verbs.asking(who.base, model), who.scope, as_name=who.as_name)
    space, chosen = who.space, find_suite(who.space, suite)
    if rubric is not None:
        chosen = chosen.with_rubric(read_rubric(rubric, rubric.stem))
    wanted = verbs.Wanted(split, tag, tuple(listed(cases)), prompt, draws, per_criterion, fresh)
    for line in chosen.left_out:
        say(line)
    plan = verbs.planned(space, chosen, wanted)
    if dry_run:
        show_plan(space, plan.requests(), json)
        return
    if space.settings.replay is not None:
        say(f"{sum(1 for _ in plan.requests())} requests, answered from recordings in {space.settings.replay}")
    elif fresh:
        say(f"{sum(1 for _ in plan.requests())} requests, all asked anew")
    elif plan.asked:
        say(plan_line(cost_of(space, plan.requests())))
    try:
        stored = run_async(lambda: _run(who, chosen, wanted, concurrency or space.concurrency, budget))
    except KeyboardInterrupt:
        say("stopped; every reply is in the cache, and running again asks only what is missing")
        raise typer.Exit(130) from None
    say(spent_line(stored.run))
    _files(stored.report, html, junit)
    if json:
        return print_json(stored.report)
    show_report(stored.report, tuple(chosen.file.metrics))


async def _run(who: Who, suite: Suite, wanted: verbs.Wanted, concurrency: int, budget: float | None) -> Stored:
    ledger = who.space.store[SqlLedger]
    start = ledger.spent_usd()
    with phases(lambda: ledger.spent_usd() - start) as phase:
        return await verbs.run_now(who, suite, wanted, concurrency, budget, phase)


def _files(report: object, html: Path | None, junit: Path | None) -> None:
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
    report = archive(workspace(ctx)).run(run).report
    _files(report, html, junit)
    if json:
        return print_json(report)
    show_report(report)


@app.command()
def compare(ctx: typer.Context, first: RunId, second: RunId, html: Html = None, json: Json = False) -> None:
    """The second run against the first on the same cases: better, worse, same; and what flipped, with both quotes."""
    compared = verbs.comparison(workspace(ctx), first, second)
    if html is not None:
        write(html, comparison_page(compared))
    if json:
        return print_json(compared)
    show_comparison(compared)


@app.command("pairs")
def pairs_(
    ctx: typer.Context,
    run: RunId,
    again: Annotated[
        str, typer.Option("--again", help="A run with several draws: how often levels change by reading alone.")
    ] = "",
    at_most: Annotated[int | None, typer.Option("--at-most", min=0, help="Exit 4 where more levels flip.")] = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the report to this Markdown file.")] = None,
    json: Json = False,
) -> None:
    """Calls told twice (other names, accent, variety of English): which levels flip where
    nothing that counts differs."""
    runs = archive(workspace(ctx))
    asked = runs.run(run).run
    report = pair_report(asked, find_suite(workspace(ctx), asked.suite), runs.run(again).run if again else asked)
    if out is not None:
        write(out, in_markdown(report))
    if json:
        print_json(report)
    elif out is None:
        console().print(in_markdown(report), markup=False, soft_wrap=True)
    if at_most is not None and len(report.flips) > at_most:
        raise GateClosed(f"levels that flip within pairs of {run}: {len(report.flips)}; at most {at_most} may")


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
    who = me(ctx)
    verdict = verbs.hold_against(who, find_suite(who.space, suite), run, against)
    if junit is not None:
        write(junit, verdict_junit(verdict))
    if json:
        print_json(VerdictView.of(verdict))
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
    accepted = verbs.accept_run(me(ctx, by), run, reason)
    if json:
        return print_json(AcceptedView.of(accepted))
    line = f"{accepted.run} is the baseline of {accepted.suite}: {accepted.model}, {accepted.prompt}"
    console().print(line, markup=False)


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
    if from_calibration == from_disputes:
        raise UsageError("say where cases come from: --from-calibration or --from-disputes")
    if split not in ("dev", "test"):
        raise UsageError("--split is dev or test")
    added = add_cases(me(ctx), suite, disputes_only=from_disputes, split=split)
    if json:
        return print_json(AddedCases.model_validate(added))
    console().print(
        f"{added['cases']} cases with {added['ratings']} settled ratings in {added['folder']}", markup=False
    )


@app.command()
def schema(out: Annotated[Path, typer.Option("--out", help="Folder to write into.")] = Path("docs/schema")) -> None:
    """Write the JSON schemas of suites, cases and reports, for editors and for whoever reads the reports."""
    for path in write_schemas(out):
        console().print(f"written: {path}", markup=False)


Name = Annotated[str, typer.Option("--name", help="Name of the suite.")]


@importing.command()
def annomi(
    ctx: typer.Context,
    directory: Annotated[Path, typer.Argument(help="Folder with conversations.jsonl, tasks.jsonl, ratings.csv.")],
    dev: Annotated[
        int, typer.Option(min=0, help="Conversations of the development half, beside the ten-rater seven.")
    ] = 20,
    name: Name = "annomi",
    counted: Annotated[
        bool, typer.Option("--counted", help="Every occurrence is asked for, not the deciding ones.")
    ] = False,
) -> None:
    """AnnoMI: counselling conversations labelled by experts, seven of them by ten."""
    _say(verbs.make_suite(me(ctx), name, lambda folder: import_annomi(directory, folder, dev, counted)))


@importing.command()
def csv(
    ctx: typer.Context,
    scores: Annotated[Path, typer.Argument(help="CSV with one manual score a row.")],
    calls: Annotated[Path, typer.Option("--calls", help="Folder with the transcripts.")],
    manifest: Annotated[Path, typer.Option("--manifest", help="CSV that says what each transcript is.")],
    rubric: Annotated[Path, typer.Option("--rubric", help="File with the criteria.")],
    humans: Annotated[Path | None, typer.Option("--humans", help="CSV with every person's own rating.")] = None,
    renames: Annotated[
        list[str] | None,
        typer.Option("--map", help="Their column = our field (call, criterion, value, quotes, split, rater)."),
    ] = None,
    split: Annotated[str, typer.Option(help="Split of all cases, where no column says it: dev or test.")] = "dev",
    name: Name = "own",
) -> None:
    """Anybody's manually scored calls. The files stay where they are; the suite points at them."""
    if split not in ("dev", "test"):
        raise UsageError("--split is dev or test")
    columns = {field: column for column, field in pairs("--map", renames or []).items()}
    half: Split = "test" if split == "test" else "dev"
    _say(
        verbs.make_suite(
            me(ctx), name, lambda folder: suite_from_csv(folder, scores, calls, manifest, rubric, columns, humans, half)
        )
    )


def _say(suite: Suite) -> None:
    ratings = sum(len(case.references) for case in suite.cases)
    for line in suite.left_out:
        console().print(line, markup=False, soft_wrap=True)
    console().print(f"{suite.folder}: {len(suite.cases)} cases, {ratings} manual ratings", markup=False)
    console().print(f"next: closeread eval run {suite.name} --split dev --dry-run", markup=False)
