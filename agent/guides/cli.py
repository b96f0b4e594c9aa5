"""`closeread guide` (all but `export`, see agent/documents/cli.py)."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Literal

import typer

from agent.app.cli.context import Budget, DryRun, Fresh, Json, me, print_json, run, say, table, workspace
from agent.app.cli.plan import show_plan
from agent.app.view import Page
from agent.core.errors import Advice, ModelError, UsageError
from agent.core.language import _, speaking
from agent.core.tongues import TONGUES
from agent.guides import verbs
from agent.guides.file import is_guide, read_guides, read_lines, write_guides
from agent.guides.model import Guide
from agent.guides.review import GuideReview
from agent.guides.rules import LANGUAGES, findings, set_findings, size_and_behavior
from agent.guides.views import CheckedQuestion
from agent.text.recognising import languages_of

app = typer.Typer(
    no_args_is_help=True, help="Interview guides: questions that bring out what reps asked, said and did."
)

GuideFile = Annotated[Path, typer.Argument(help="The guide, as `guide draft` writes it (YAML).")]


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
    _fresh: Fresh = False,
    dry_run: DryRun = False,
) -> None:
    """Draft the questions for won or for lost deals, stage by stage; the rules of `guide lint` check them."""
    space = workspace(ctx)
    chosen = verbs.stages_of(space, [stage.strip() for stage in stages.split(",") if stage.strip()])
    there = read_guides(out) if out is not None and out.exists() else []
    if template:
        made = [g for g in verbs.template_guides(space, chosen) if outcome in (None, g.outcome)]
    elif outcome is None:
        raise UsageError("say for which buyers: --outcome won or --outcome lost (or take both with --template)")
    elif dry_run:
        note = "A second request follows where the rules find fault with the first draft."
        show_plan(space, [verbs.draft_request(space, outcome, chosen, there)], False, note)
        return
    else:
        made = [run(lambda: verbs.draft_guide(me(ctx), outcome, chosen, there, budget))]
    guides = list({g.outcome: g for g in (*there, *made)}.values())
    _write(guides, out)
    questions = [q.question for g in guides for q in g.questions]
    languages = languages_of(questions)
    for finding in set_findings(guides, [stage["id"] for stage in chosen], _most(languages)):
        say(f"{finding.outcome or 'both sets'}: {finding.why}")
    flawed = sum(bool(findings(*question)) for question in zip(questions, languages, strict=True))
    if flawed and template:
        say(f"{flawed} questions break a rule; see: closeread guide lint FILE")
    elif flawed:
        raise ModelError(
            f"{flawed} questions break a rule; the draft is written all the same",
            advice=Advice(
                f"guide lint {'FILE' if out is None else out}",
                text="put them right by hand, or draft anew: the model is then asked again",
            ),
        )


def _write(guides: list[Guide], out: Path | None) -> None:
    text = write_guides(guides)
    if out is None:
        typer.echo(text, nl=False)
        return
    out.write_text(text, encoding="utf-8")
    counted = ", ".join(f"{len(g.questions)} for {g.outcome} deals" for g in guides)
    say(f"{out}: {counted}")


@app.command()
def lint(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="A text file with one question a line, or a guide (YAML).")],
    model: Annotated[bool, typer.Option("--model", help="Let the drafter's model add to what the rules find.")] = False,
    language: Annotated[
        str,
        typer.Option(help="Language of all questions and of the reasons, as de; default: each one's is recognised."),
    ] = "",
    budget: Budget = None,
    _fresh: Fresh = False,
    json: Json = False,
) -> None:
    """What is wrong with each question and what to ask instead; then what is wrong with the set. Needs no model for
    English, German, French and Spanish; for questions in other languages there is --model."""
    space = workspace(ctx)
    if language and language not in TONGUES:
        raise UsageError(f"{language!r} is no code of a language; German is de", advice=Advice(option="--language de"))
    reader = language or space.settings.said.language  # what a model is sent stays English
    if is_guide(file):
        guides = read_guides(file)
        asked = list(enumerate((q.question for g in guides for q in g.questions), 1))
        stages = [stage["id"] for stage in verbs.stages_of(space)]
        texts = [text for _number, text in asked]
        languages = [language] * len(texts) if language else languages_of(texts)
        with speaking(reader):
            found = set_findings(guides, stages, _most(languages))
            about_set = [f"{f.outcome or _('both sets')}: {f.why}" for f in found]
    else:
        asked = [(line.number, line.text) for line in read_lines(file)]
        texts = [text for _number, text in asked]
        languages = [language] * len(texts) if language else languages_of(texts)
        with speaking(reader):
            about_set = [why for _rule, why in size_and_behavior(texts, _most(languages))]
    if model:
        flaws = run(lambda: verbs.check_with_model(me(ctx), texts, budget, languages))
    else:
        flaws = [findings(*question) for question in zip(texts, languages, strict=True)]
    checked = [CheckedQuestion.of(*question, own) for question, own in zip(asked, flaws, strict=True)]
    if json:
        print_json(Page(items=checked))
        for why in about_set:
            say(why)
    else:
        with speaking(reader):
            _show_findings(checked, about_set, [model or code in LANGUAGES for code in languages])
    if without := [code for code in languages if code not in LANGUAGES]:
        named = ", ".join(TONGUES[code] for code in dict.fromkeys(without))
        say(
            f"{len(without)} of these questions are in a language without rules ({named}): "
            + (
                "only the model has checked them"
                if model
                else "nothing has checked them; --model lets the drafter do so"
            )
        )


def _most(languages: Sequence[str]) -> str:
    """The language of most questions."""
    return Counter(languages).most_common(1)[0][0]


def _show_findings(checked: Sequence[CheckedQuestion], about_set: Sequence[str], looked_at: Sequence[bool]) -> None:
    for question in checked:
        typer.secho(question.question, bold=bool(question.findings))
        for finding in question.findings:
            by_model = _(" (by the model)") if finding.by == "model" else ""
            typer.echo(f"  {finding.rule}{by_model}: {_(finding.why)}")
        for finding in [f for f in question.findings if f.rewrite][:1]:
            typer.echo(_("  ask: {rewrite}", rewrite=finding.rewrite))
    clean = sum(seen and not question.findings for question, seen in zip(checked, looked_at, strict=True))
    if any(looked_at):
        typer.echo("\n" + _("{n} of {all} questions break no rule.", n=clean, all=sum(looked_at)))
    for why in about_set:
        typer.echo(_("The set: {why}", why=why))


@app.command()
def review(ctx: typer.Context, file: GuideFile, json: Json = False) -> None:
    """Which questions brought behaviors in the imported interviews, and which brought opinions."""
    made = verbs.review_guides(workspace(ctx), read_guides(file))
    if json:
        return print_json(made)
    _show_review(made)


def _show_review(made: GuideReview) -> None:
    columns = ["outcome", "asked", "with behavior", "without", "observations", "each", "question"]
    rows = [
        [q.outcome, q.asked, q.behavior, q.opinion, q.observations, _each(q.per_question), q.question]
        for q in made.questions
        if q.asked
    ]
    table(f"The guide's questions in {made.interviews} interviews", columns, rows, right=columns[1:-1])
    typer.echo(f"{len(made.questions) - len(rows)} of {len(made.questions)} questions were not asked in these words.\n")
    kinds = [
        [k.kind, k.asked, k.behavior, k.observations, _each(k.observations / k.asked if k.asked else None)]
        for k in made.kinds
    ]
    names = ["kind of question", "asked", "with behavior", "observations", "each"]
    table("All questions that interviewers asked, by the rule they break", names, kinds, right=names[1:])
    if made.own:
        own = [[q.outcome, q.observations, q.question] for q in made.own]
        names = ["outcome", "observations", "question"]
        table("Interviewers' own questions that brought most", names, own, right=["observations"])


def _each(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
