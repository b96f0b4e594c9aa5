"""`closeread rubric` and `closeread criteria`."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape

from agent.app.cli.context import (
    Budget,
    Concurrency,
    DryRun,
    Fresh,
    Json,
    console,
    me,
    print_json,
    run,
    say,
    say_next,
    table,
    workspace,
)
from agent.app.cli.plan import show_plan
from agent.app.cli.progress import phases
from agent.db.store import Store
from agent.patterns.checking import TESTS
from agent.rubrics import verbs
from agent.rubrics.checks import check_criteria, check_requests
from agent.rubrics.compliance import catalogue
from agent.rubrics.drafting import draft_criteria, draft_requests, draft_sources, trial_estimate
from agent.rubrics.file import write_rubric
from agent.rubrics.in_use import in_use
from agent.rubrics.model import Rubric
from agent.rubrics.proposal import Only, proposal
from agent.rubrics.store import Rubrics, RubricStates
from agent.rubrics.views import ComplianceView, RubricDraftView, RubricList, RubricRowView, RubricView
from agent.workspace import Workspace

app = typer.Typer(no_args_is_help=True, help="Rubrics: versioned sets of criteria.")
Reference = Annotated[str, typer.Argument(help="Id or label; default: the one in use.")]


def asked_for(store: Store, reference: str) -> Rubric:
    """The rubric that was named; else the one in use, which is said where there are others."""
    using = in_use(store, reference)
    if using.others or using.newer:
        say(f"{using}{using.newer_words}")
    return using.rubric


def say_rubric_states(store: Store, rubrics: Iterable[Rubric]) -> None:
    """Say the state of each rubric, wherever its scores are shown."""
    for rubric in rubrics:
        say(f"{rubric.label}: {store[RubricStates].of(rubric.id).sentence}")


def say_overrides(store: Store, rubric_ids: Iterable[str]) -> None:
    """A line for each rubric with criteria in use that are not calibrated."""
    for ident in sorted(rubric_ids):
        state = store[RubricStates].of(ident)
        if state.short or (state.marks and state.state == "deployed"):
            say(f"{ident}: {state.sentence}")


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Path,
    label: Annotated[
        str, typer.Option(help="Label of this version; default: that in the file, else the file's name.")
    ] = "",
    json: Json = False,
) -> None:
    """Import criteria from YAML or JSON. Only id, description and scale are needed."""
    who = me(ctx)
    stored = verbs.import_rubric(who, str(file), file.read_bytes(), label)
    if json:
        return print_json(RubricView.of(who.space, stored))
    console().print(f"{stored.label} ({stored.id}): {len(stored.criteria)} criteria")


@app.command()
def export(
    ctx: typer.Context,
    reference: Reference = "",
    out: Annotated[Path | None, typer.Option("--out", help="File to write (.yaml or .json); default: print.")] = None,
) -> None:
    """Write a rubric as YAML (or JSON) for editing; import it again for a new version."""
    who = me(ctx)
    rubric = verbs.export_rubric(who, asked_for(who.space.store, reference).id)
    text = write_rubric(rubric, "json" if out is not None and out.suffix == ".json" else "yaml")
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        say(f"{rubric.label} written to {out}")


@app.command()
def show(ctx: typer.Context, reference: Reference = "", json: Json = False) -> None:
    """One rubric with descriptions, anchors and examples."""
    space = workspace(ctx)
    store = space.store
    rubric = asked_for(store, reference)
    state = store[RubricStates].of(rubric.id)
    if json:
        return print_json(RubricView.of(space, rubric))
    console().print(state.sentence, markup=False)
    for line in rubric_lines(rubric):
        console().print(line)


@app.command()
def compliance(
    ctx: typer.Context,
    reference: Reference = "",
    add: Annotated[list[str] | None, typer.Option("--add", help="Add this one to the rubric's working copy.")] = None,
    json: Json = False,
) -> None:
    """Criteria that no interview tells of, with their sources; --add takes them into the rubric's working copy."""
    who = me(ctx)
    if add:
        base = asked_for(who.space.store, reference)
        draft = RubricDraftView.of(verbs.add_compliance(who, base.id, add))
        if json:
            print_json(draft)
        else:
            say(
                f"added to the working copy of {base.label}; read and publish it: "
                f"/rubric/{base.id}/edit (closeread serve)"
            )
        return
    views = [ComplianceView.of(rule) for rule in catalogue(who.space)]
    if json:
        return print_json(views)
    for view in views:
        console().print(f"{view.id}: {view.description}", markup=False)
        console().print(f"  {view.where}: {view.source}", markup=False, style="dim")
        if view.text:
            console().print(f"  “{view.text}” {view.link}", markup=False, style="dim")
    say("they are no legal advice; to add one: closeread rubric compliance --add ID")


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All rubrics, oldest first."""
    space = workspace(ctx)
    store = space.store
    stored = store[Rubrics].all()
    states = [store[RubricStates].of(s.rubric.id) for s in stored]
    if json:
        return print_json(RubricList(items=[RubricRowView.of(space, one) for one in reversed(stored)]))
    rows = [
        [
            s.rubric.label,
            s.rubric.id,
            f"{s.at:%Y-%m-%d %H:%M}",
            len(s.rubric.criteria),
            state.word,
        ]
        for s, state in zip(stored, states, strict=True)
    ]
    table("", ["label", "id", "since (UTC)", "criteria", "state"], rows, right=["criteria"])
    say_overrides(store, [s.rubric.id for s in stored])


@app.command()
def lint(ctx: typer.Context, reference: Reference = "", dry_run: DryRun = False, json: Json = False) -> None:
    """Check every criterion: rules first, then the model's three tests where the drafter is bound."""
    space = workspace(ctx)
    rubric = asked_for(space.store, reference)
    if dry_run:
        show_plan(space, check_requests(space, rubric), json)
        return
    checks = run(lambda: check_criteria(space, rubric))
    data = [asdict(check) for check in checks]
    if json:
        return print_json(data)
    for row in data:
        findings = [*row["rules"], *(row["tests"] or [])]
        console().print(f"{row['criterion']}: {'nothing found' if not findings else ''}")
        for finding in findings:
            console().print(f"  - {finding}")
        if row["rewrite"]:
            console().print(f"  suggested: {row['rewrite']}")
    if any(check.tests is None for check in checks):
        say(f"rules only; with a drafter bound the three tests ({', '.join(TESTS)}) are asked too")


criteria_app = typer.Typer(no_args_is_help=True, help="Criteria made from patterns.")


@criteria_app.command()
def draft(
    ctx: typer.Context,
    label: Annotated[str, typer.Option(help="Label of the new rubric; default: v1, v2 …")] = "",
    only: Annotated[
        Only,
        typer.Option(help="`distinguishing`: leave out those that only lean, even where fewer than eight are sure."),
    ] = "",
    patterns: Annotated[
        str, typer.Option("--patterns", help="Just these, ids separated by commas (`closeread patterns list`).")
    ] = "",
    concurrency: Concurrency = None,
    budget: Budget = None,
    _fresh: Fresh = False,
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Draft a criterion for each pattern that separates won from lost, and up to eight for those that lean.

    Examples are quoted from calls and interviews.
    """
    space, named = workspace(ctx), [name.strip() for name in patterns.split(",") if name.strip()]
    if dry_run:
        texts = draft_sources(space)
        requests = draft_requests(space, only, named, texts=texts)
        notes = ["Each draft is also checked once or twice, with short requests.", trial_estimate(texts, len(requests))]
        show_plan(space, requests, json, " ".join(filter(None, notes)))
        return
    say(proposal(space, only, named).sentence)
    rubric = run(lambda: drafted(space, label, concurrency or space.concurrency, budget, only, named))
    if json:
        return print_json(RubricView.of(space, rubric))
    for line in rubric_lines(rubric):
        console().print(line)
    say(f"edit it with: closeread rubric export {rubric.label} --out {rubric.label}.yaml")
    say_next(me(ctx))


async def drafted(
    space: Workspace, label: str, concurrency: int, budget: float | None, only: Only = "", named: Sequence[str] = ()
) -> Rubric:
    """Draft under a progress bar."""
    with phases() as phase:
        return await draft_criteria(space, label, concurrency, budget, phase, only=only, named=named)


def rubric_lines(rubric: Rubric) -> list[str]:
    """A rubric as rich markup."""
    lines = [f"[bold]{escape(rubric.label)}[/bold] ({rubric.id})"]
    for c in rubric.criteria:
        lines += [
            "",
            f"[bold]{escape(c.name)}[/bold]  {c.id}  scale {c.scale}  weight {c.weight:g}  speaker {c.speaker}",
        ]
        lines.append(f"  {escape(c.description)}")
        lines += [f"  {level} = {escape(text)}" for level, text in sorted(c.anchors.items())]
        if c.not_applicable_when:
            lines.append(f"  does not apply when: {escape(c.not_applicable_when)}")
        if c.only_in:
            lines.append(f"  rated on calls of: {escape(', '.join(c.only_in))}")
        if c.counts:
            lines.append(f"  counted: {escape(c.counts.told)}")
        for e in c.examples:
            where = f" ({e.source} turn {e.quote.span.turn})" if e.quote else ""
            lines.append(f"  {e.kind}: “{escape(e.text)}”{where}")
        if c.direction:
            lines.append(f"  [dim]{escape(c.direction)}[/dim]")
        lines += [f"  [yellow]{escape(flaw)}[/yellow]" for flaw in c.flaws]
    return lines
