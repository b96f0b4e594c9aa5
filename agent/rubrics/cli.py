"""`closeread rubric`."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated

import typer

from agent.app.cli.context import As, DryRun, Json, console, me, print_json, run, say, table, workspace
from agent.db.store import Store
from agent.rubrics.model import Rubric
from agent.rubrics.store import Rubrics
from agent.rubrics.store_states import RubricStates

app = typer.Typer(no_args_is_help=True, help="Rubrics: versioned sets of criteria.")
Reference = Annotated[str, typer.Argument(help="Id or label; default: the newest.")]


def say_standing(store: Store, rubrics: Iterable[Rubric]) -> None:
    """Where each rubric stands, wherever its scores are shown."""
    for rubric in rubrics:
        say(f"{rubric.label}: {store[RubricStates].of(rubric.id).sentence}")


def say_overrides(store: Store, rubric_ids: Iterable[str]) -> None:
    """A line for each of the rubrics that was deployed by override."""
    for ident in sorted(rubric_ids):
        state = store[RubricStates].of(ident)
        if state.short:
            say(f"{ident}: {state.sentence}")


@app.command("import")
def import_(
    ctx: typer.Context,
    file: Path,
    label: Annotated[str, typer.Option(help="Label of this version; default: the file's name.")] = "",
    json: Json = False,
) -> None:
    """Import criteria from YAML or JSON. Only id, description and scale are needed."""
    from agent.rubrics.file import read_rubric

    stored = workspace(ctx).store[Rubrics].add(read_rubric(file, label or file.stem))
    if json:
        print_json({"id": stored.id, "label": stored.label, "criteria": [c.id for c in stored.criteria]})
    else:
        console().print(f"{stored.label} ({stored.id}): {len(stored.criteria)} criteria")


@app.command()
def export(
    ctx: typer.Context,
    reference: Reference = "",
    out: Annotated[Path | None, typer.Option("--out", help="File to write (.yaml or .json); default: print.")] = None,
) -> None:
    """Write a rubric as YAML (or JSON) for editing; import it again for a new version."""
    from agent.rubrics.file import write_rubric

    found = workspace(ctx).store[Rubrics].get(reference)
    text = write_rubric(found, "json" if out is not None and out.suffix == ".json" else "yaml")
    if out is None:
        typer.echo(text, nl=False)
    else:
        out.write_text(text, encoding="utf-8")
        say(f"{found.label} written to {out}")


@app.command()
def show(ctx: typer.Context, reference: Reference = "", json: Json = False) -> None:
    """One rubric with descriptions, anchors and examples."""
    from agent.app.cli.views import rubric_lines
    from agent.rubrics.verbs import rubric_data

    space = workspace(ctx)
    store = space.store
    found = store[Rubrics].get(reference)
    state = store[RubricStates].of(found.id)
    if json:
        print_json(rubric_data(space, found.id))
    else:
        console().print(state.sentence, markup=False)
        for line in rubric_lines(found):
            console().print(line)


@app.command("list")
def list_(ctx: typer.Context, json: Json = False) -> None:
    """All rubrics, oldest first."""
    from agent.rubrics.verbs import rubrics_data

    space = workspace(ctx)
    store = space.store
    stored = store[Rubrics].all()
    states = [store[RubricStates].of(s.rubric.id) for s in stored]
    if json:
        print_json(rubrics_data(space))
        return
    rows = [
        [
            s.rubric.label,
            s.rubric.id,
            f"{s.at:%Y-%m-%d %H:%M}",
            len(s.rubric.criteria),
            f"{state.state} (override)" if state.short else state.state,
        ]
        for s, state in zip(stored, states, strict=True)
    ]
    table("", ["label", "id", "since (UTC)", "criteria", "standing"], rows, right=["criteria"])
    say_overrides(store, [s.rubric.id for s in stored])


@app.command()
def deploy(
    ctx: typer.Context,
    reference: Reference = "",
    override: Annotated[bool, typer.Option("--override", help="Deploy below the gate; needs --reason.")] = False,
    reason: Annotated[str, typer.Option("--reason", help="Why; kept, and shown with the rubric's scores.")] = "",
    by: As = "",
    json: Json = False,
) -> None:
    """Make a rubric the one in use. Refused (exit 4) while a criterion has not passed calibration."""
    from agent.calibration.verbs import deploy_rubric
    from agent.rubrics.verbs import state_data

    deployed = deploy_rubric(me(ctx, by), reference, override=override, reason=reason, note=say)
    found, state = deployed.rubric, deployed.state
    if json:
        print_json({"id": found.id, "label": found.label, "standing": state_data(state)})
    else:
        console().print(f"{found.label}: {state.sentence}", markup=False)


@app.command()
def lint(
    ctx: typer.Context,
    reference: Reference = "",
    dry_run: DryRun = False,
    json: Json = False,
) -> None:
    """Check every criterion: rules first, then the model's three tests where the drafter is bound."""
    from agent.app.cli.plan import show_plan
    from agent.patterns.checking import TESTS
    from agent.rubrics.criterion_checks import check_criteria, check_requests, checks_data

    space = workspace(ctx)
    found = space.store[Rubrics].get(reference)
    if dry_run:
        show_plan(space, check_requests(space, found), json)
        return
    checks = run(lambda: check_criteria(space, found))
    data = checks_data(checks)
    if json:
        print_json(data)
        return
    for row in data:
        findings = [*row["rules"], *(row["tests"] or [])]
        console().print(f"{row['criterion']}: {'nothing found' if not findings else ''}")
        for finding in findings:
            console().print(f"  - {finding}")
        if row["rewrite"]:
            console().print(f"  suggested: {row['rewrite']}")
    if any(check.tests is None for check in checks):
        say(f"rules only; with a drafter bound the three tests ({', '.join(TESTS)}) are asked too")
