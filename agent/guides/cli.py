"""`closeread guide`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from agent.app.cli.context import Budget, DryRun, Json, console, print_json, run, say, table, workspace
from agent.core.errors import InputError, UsageError

if TYPE_CHECKING:
    from agent.guides.model import Finding, Guide
    from agent.guides.review import GuideReview
    from agent.workspace import Workspace

app = typer.Typer(
    no_args_is_help=True, help="Interview guides: questions that bring out what reps asked, said and did."
)

GuideFile = Annotated[Path, typer.Argument(help="The guide, as `guide draft` writes it (YAML).")]
OutFile = Annotated[Path, typer.Option("--out", help="File to write.")]


@app.command()
def draft(
    ctx: typer.Context,
    outcome: Annotated[
        Literal["won", "lost"] | None, typer.Option("--outcome", help="Whose buyers the questions are for.")
    ] = None,
    stages: Annotated[str, typer.Option("--stages", help="Stage ids, separated by commas; default: all.")] = "",
    template: Annotated[
        bool, typer.Option("--template", help="The shipped questions, for both outcomes; asks no model.")
    ] = False,
    out: Annotated[
        Path | None, typer.Option("--out", help="YAML file to write; a set for the other outcome in it is kept.")
    ] = None,
    budget: Budget = None,
    dry_run: DryRun = False,
) -> None:
    """Draft the questions for won or for lost deals, stage by stage; the rules of `guide lint` check them."""
    from agent.guides.verbs import draft_guide, stages_of, template_guides
    from agent.scoring.cli import split

    space = workspace(ctx)
    chosen = stages_of(space, split(stages))
    there = _read_if_there(out)
    if template:
        made = [g for g in template_guides(space, chosen) if outcome in (None, g.outcome)]
    elif outcome is None:
        raise UsageError("say for which buyers: --outcome won or --outcome lost (or take both with --template)")
    elif dry_run:
        _plan(space, outcome, chosen, there)
        return
    else:
        made = [run(lambda: draft_guide(space, outcome, chosen, there, budget))]
    written = {g.outcome: g for g in (*there, *made)}
    _write(list(written.values()), out)
    _say_set_findings(list(written.values()), [stage["id"] for stage in chosen])


def _read_if_there(out: Path | None) -> list[Guide]:
    from agent.guides.file import read_guides

    return read_guides(out) if out is not None and out.exists() else []


def _plan(space: Workspace, outcome: Literal["won", "lost"], stages: list[dict[str, str]], there: list[Guide]) -> None:
    from agent.app.cli.plan import show_plan
    from agent.guides.verbs import draft_request

    request = draft_request(space, outcome, stages, there)
    show_plan(space, [request], False, "A second request follows where the rules find fault with the first draft.")


def _write(guides: list[Guide], out: Path | None) -> None:
    from agent.guides.file import write_guides

    text = write_guides(guides)
    if out is None:
        typer.echo(text, nl=False)
        return
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out}: cannot be written: {error.strerror or error}") from error
    counted = ", ".join(f"{len(g.questions)} for {g.outcome} deals" for g in guides)
    say(f"{out}: {counted}")


def _say_set_findings(guides: list[Guide], stages: list[str]) -> None:
    from agent.guides.lint import findings, set_findings

    for finding in set_findings(guides, stages):
        say(f"{finding.outcome or 'both sets'}: {finding.why}")
    flawed = sum(bool(findings(q.question)) for g in guides for q in g.questions)
    if flawed:
        say(f"{flawed} questions break a rule; see: closeread guide lint FILE")


@app.command()
def lint(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A text file with one question a line, or a guide (YAML).")],
    model: Annotated[bool, typer.Option("--model", help="Let the drafter's model add to what the rules find.")] = False,
    budget: Budget = None,
    json: Json = False,
) -> None:
    """What is wrong with each question and what to ask instead; then what is wrong with the set. Needs no model."""
    from agent.guides.file import is_guide, read_guides, read_lines
    from agent.guides.lint import set_findings, size_and_behavior
    from agent.guides.verbs import check_questions, question_data, stages_of

    space = workspace(ctx)
    if is_guide(file):
        guides = read_guides(file)
        asked = list(enumerate((q.question for g in guides for q in g.questions), 1))
        about_set = [
            f"{f.outcome or 'both sets'}: {f.why}" for f in set_findings(guides, [s["id"] for s in stages_of(space)])
        ]
    else:
        asked = [(line.number, line.text) for line in read_lines(file)]
        about_set = [why for _, why in size_and_behavior([text for _, text in asked])]
    texts = [text for _, text in asked]
    found = run(lambda: check_questions(space, texts, budget, model=model))
    if json:
        print_json([question_data(*question, own) for question, own in zip(asked, found, strict=True)])
        for why in about_set:
            say(why)
        return
    _show_findings(texts, found, about_set)


def _show_findings(questions: list[str], found: list[list[Finding]], about_set: list[str]) -> None:
    from rich.text import Text

    out = console()
    for question, findings in zip(questions, found, strict=True):
        out.print(Text(question, style="bold" if findings else ""))
        for finding in findings:
            out.print(Text(f"  {finding.rule}: {finding.why}"))
        for rewrite in dict.fromkeys(finding.rewrite for finding in findings[:1]):
            out.print(Text(f"  ask: {rewrite}"))
    clean = sum(not findings for findings in found)
    out.print(f"\n{clean} of {len(questions)} questions break no rule.")
    for why in about_set:
        out.print(Text(f"The set: {why}"))


@app.command()
def review(ctx: typer.Context, file: GuideFile, json: Json = False) -> None:
    """Which questions brought behaviors in the imported interviews, and which brought opinions."""
    from agent.guides.file import read_guides
    from agent.guides.verbs import review_guides

    found = review_guides(workspace(ctx), read_guides(file))
    if json:
        print_json(found.model_dump(mode="json"))
        return
    _show_review(found)


def _show_review(found: GuideReview) -> None:
    columns = ["outcome", "asked", "with behavior", "without", "observations", "each", "question"]
    right = columns[1:-1]
    rows = [
        [q.outcome, q.asked, q.behavior, q.opinion, q.observations, _each(q.per_question), q.question]
        for q in found.questions
        if q.asked
    ]
    table(f"The guide's questions in {found.interviews} interviews", columns, rows, right=right)
    console().print(
        f"{len(found.questions) - len(rows)} of {len(found.questions)} questions were not asked in these words.\n"
    )
    kinds = [
        [k.kind, k.asked, k.behavior, k.observations, _each(k.observations / k.asked if k.asked else None)]
        for k in found.kinds
    ]
    names = ["kind of question", "asked", "with behavior", "observations", "each"]
    table("All questions that interviewers asked, by the rule they break", names, kinds, right=names[1:])
    if found.own:
        own = [[q.outcome, q.observations, q.question] for q in found.own]
        table(
            "Interviewers' own questions that brought most",
            ["outcome", "observations", "question"],
            own,
            right=["observations"],
        )


def _each(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"


@app.command()
def export(
    ctx: typer.Context,
    file: GuideFile,
    out: OutFile,
    format: Annotated[
        Literal["docx", "pdf", "md", "html", "xlsx", "csv"] | None,
        typer.Option("--format", help="Default: by the file's name."),
    ] = None,
) -> None:
    """The guide on paper: questions with probes, and room for notes."""
    export_guide(workspace(ctx), file, format, out)


def export_guide(space: Workspace, file: Path, form: str | None, out: Path) -> None:
    """Write the guide in `file` as a document."""
    from agent.documents.cli_writing import write_document
    from agent.documents.verbs import guide_document
    from agent.guides.file import read_guides

    write_document(guide_document(space, read_guides(file)), form, out)
