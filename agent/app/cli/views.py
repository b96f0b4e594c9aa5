"""What commands print of domain objects: JSON as in the contract, and rows for tables."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from agent.ratings.model import Rating
    from agent.rubrics.model import Rubric


def outcome_text(rating: Rating) -> str:
    """A judgement in a table cell."""
    judgement = rating.judgement
    match judgement.status:
        case "rated":
            return str(judgement.value)
        case "not_applicable":
            return "n/a"
        case _:
            return f"failed ({judgement.kind})"


def rating_rows(ratings: list[Rating]) -> list[list[object]]:
    """One row a rating."""
    return [
        [
            r.call,
            r.criterion,
            outcome_text(r),
            r.rater,
            ", ".join(str(q.span.turn) for q in getattr(r.judgement, "quotes", ())),
            r.reason or getattr(r.judgement, "detail", ""),
        ]
        for r in ratings
    ]


def rating_lines(ratings: list[Rating], rubric: Rubric) -> list[str]:
    """The ratings of one call with quotes, nearest misses and reasons, as rich markup."""
    from rich.markup import escape

    lines = []
    for rating in ratings:
        criterion = rubric.criterion(rating.criterion)
        name = criterion.name if criterion else rating.criterion
        lines.append(f"\n[bold]{escape(name)}[/bold]: {outcome_text(rating)}   [dim]{escape(rating.rater)}[/dim]")
        judgement = rating.judgement
        if judgement.status == "rated":
            lines += [f"  turn {q.span.turn}, {escape(q.speaker)}: “{escape(q.text)}”" for q in judgement.quotes]
            if judgement.nearest is not None:
                near = judgement.nearest
                lines.append(f"  nearest: turn {near.turn}, {escape(near.speaker)}: {escape(near.why)}")
        elif judgement.status == "failed":
            lines.append(f"  [red]{escape(judgement.detail)}[/red]")
        if rating.reason:
            lines.append(f"  {escape(rating.reason)}")
    return lines


def rubric_lines(rubric: Rubric) -> list[str]:
    """A rubric as rich markup."""
    from rich.markup import escape

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
        for e in c.examples:
            where = f" ({e.source} turn {e.quote.span.turn})" if e.quote else ""
            lines.append(f"  {e.kind}: “{escape(e.text)}”{where}")
        if c.direction:
            lines.append(f"  [dim]{escape(c.direction)}[/dim]")
        lines += [f"  [yellow]{escape(flaw)}[/yellow]" for flaw in c.flaws]
    return lines
