"""The scoring guide: a rubric that a manager can print and rate with."""

from collections.abc import Mapping, Sequence
from datetime import date

from agent.app.documents.blocks import Block, Data, Document, Heading, Paragraph, Quoted, table
from agent.documents.rated import made_from
from agent.ratings.model import NearestMiss
from agent.rubrics.model import Criterion, Example, Rubric

_RATED = {"rep": "the rep", "customer": "the customer", "any": "anybody on the call"}


def scoring_guide(
    rubric: Rubric,
    notes: Sequence[str] = (),
    *,
    made_on: date,
    near_misses: Mapping[str, Sequence[tuple[str, NearestMiss]]] | None = None,
) -> Document:
    """The guide. `notes` are sentences on what the rubric's scores are worth; `near_misses` are, by criterion, turns of
    rated calls (with the call's id) that came close and did not count."""
    blocks: list[Block] = [Paragraph(f"{note}.") for note in notes]
    blocks += [Heading("How to rate")] + [Paragraph(text, lead) for lead, text in _RULES]
    for criterion in rubric.criteria:
        blocks += _criterion(criterion, (near_misses or {}).get(criterion.id, ()))
    return Document(
        title=f"Scoring guide: {rubric.label}",
        subtitle=f"{len(rubric.criteria)} criteria",
        made_on=made_on,
        provenance=made_from(rubric),
        blocks=tuple(blocks),
        data=(_criteria_data(rubric), _example_data(rubric)),
    )


_RULES = (
    ("Evidence.", "A behavior counts where the transcript holds it. Copy the words; what nobody said is not there."),
    ("One call.", "Rate what happened on this call, not what you know of the rep or of the deal."),
    ("Alone.", "Rate before you speak with anybody about the call."),
    ("Not applicable.", "Use it where the rule says so, never in place of a low level."),
)


def _criterion(criterion: Criterion, misses: Sequence[tuple[str, NearestMiss]]) -> list[Block]:
    stage = f" Stage: {criterion.stage}." if criterion.stage else ""
    if criterion.only_in:
        stage += f" Rated on calls of {', '.join(criterion.only_in)} only."
    about = f"{criterion.id}. Rated: the words of {_RATED[criterion.speaker]}. Weight {criterion.weight:g}.{stage}"
    avoid = " A behavior to avoid." if criterion.weight < 0 else ""
    blocks: list[Block] = [Heading(criterion.name), Paragraph(about + avoid, soft=True, keep=True)]
    blocks += [Paragraph(criterion.description, keep=True), *_counted(criterion), *_levels(criterion)]
    for kind, title in (("present", "Present"), ("absent", "Absent, or a near miss")):
        blocks += _examples(title, [e for e in criterion.examples if e.kind == kind])
    if misses:
        blocks.append(Heading("Near misses on rated calls", 3))
        blocks += [Quoted(m.text, f"{m.speaker}, {call}, turn {m.turn}", m.why, "near", "bad") for call, m in misses]
    rule = criterion.not_applicable_when
    return [*blocks, Paragraph(rule or "never; every call is rated.", "Not applicable:")]


def _counted(criterion: Criterion) -> list[Block]:
    return [Paragraph(f"{criterion.counts.told}.", "Counted:")] if criterion.counts else []


def _levels(criterion: Criterion) -> list[Block]:
    """A table of all levels; levels without an anchor are marked, so that the gap is visible."""
    if not criterion.anchors:
        words = "1 = shown, 0 = not shown" if criterion.scale.binary else "the description says what each level is"
        return [Paragraph(f"{words}.", f"Scale {criterion.scale}:")]
    rows = [(str(level), criterion.anchors.get(level, "no anchor")) for level in criterion.levels]
    return [table((("Level", 1), ("What it looks like", 9)), rows)]


def _examples(title: str, examples: Sequence[Example]) -> list[Block]:
    if not examples:
        return [Paragraph("no example yet.", f"{title}:")]
    return [Heading(title, 3), *(_example(e) for e in examples)]


def _example(example: Example) -> Quoted:
    turn = f", turn {example.quote.span.turn}" if example.quote else ""
    speaker = f"{example.quote.speaker}, " if example.quote else ""
    source = f"{speaker}{example.source}{turn}" if example.source else ""
    return Quoted(example.text, source, example.why, "", "good" if example.kind == "present" else "bad")


def _criteria_data(rubric: Rubric) -> Data:
    columns = (
        "criterion",
        "name",
        "description",
        "scale",
        "weight",
        "stage",
        "speaker",
        "not applicable when",
        "only in calls of",
        "counted",
        "anchors",
    )
    return Data(
        "Criteria",
        columns,
        tuple(
            (
                c.id,
                c.name,
                c.description,
                c.scale.name,
                c.weight,
                c.stage,
                c.speaker,
                c.not_applicable_when,
                ", ".join(c.only_in),
                c.counts.told if c.counts else "",
                "\n".join(f"{level} = {text}" for level, text in sorted(c.anchors.items())),
            )
            for c in rubric.criteria
        ),
    )


def _example_data(rubric: Rubric) -> Data:
    columns = ("criterion", "kind", "text", "speaker", "source", "turn", "why")
    rows = tuple(
        (c.id, e.kind, e.text, q.speaker if q else "", e.source, q.span.turn if q else None, e.why)
        for c in rubric.criteria
        for e in c.examples
        for q in (e.quote,)
    )
    return Data("Examples", columns, rows)
