"""Ratings as rows of a table and as lines of one call."""

from rich.markup import escape

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
            ", ".join(str(q.span.turn) for q in r.judgement.quotes),
            r.reason or getattr(r.judgement, "detail", ""),
        ]
        for r in ratings
    ]


def rating_lines(ratings: list[Rating], rubric: Rubric) -> list[str]:
    """The ratings of one call with quotes, nearest misses and reasons, as rich markup."""
    lines = []
    for rating in ratings:
        criterion = rubric.criterion(rating.criterion)
        name = criterion.name if criterion else rating.criterion
        lines.append(f"\n[bold]{escape(name)}[/bold]: {outcome_text(rating)}   [dim]{escape(rating.rater)}[/dim]")
        judgement = rating.judgement
        if judgement.status == "rated":
            lines += [f"  turn {q.span.turn}, {escape(q.speaker)}: “{escape(q.text)}”" for q in judgement.quotes]
            lines += [
                f"  beside it, no evidence: turn {q.span.turn}, {escape(q.speaker)}: “{escape(q.text)}”"
                for q in judgement.context
            ]
            if judgement.nearest is not None:
                near = judgement.nearest
                lines.append(f"  nearest: turn {near.turn}, {escape(near.speaker)}: {escape(near.why)}")
        elif judgement.status == "failed":
            lines.append(f"  [red]{escape(judgement.detail)}[/red]")
        if rating.reason:
            lines.append(f"  {escape(rating.reason)}")
    return lines
