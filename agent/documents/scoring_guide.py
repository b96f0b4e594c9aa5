"""The scoring guide: a rubric that a manager can print and rate with."""

from collections.abc import Mapping, Sequence
from datetime import date

from agent.app.documents.blocks import Block, Data, Document, Heading, Paragraph, Quoted, table
from agent.app.documents.words import place
from agent.app.web.wording import shipped
from agent.core.language import N_, NS_, _, ngettext
from agent.core.wording import number
from agent.documents.rated import made_from
from agent.ratings.model import NearestMiss
from agent.rubrics.model import Criterion, Example, Rubric

_RATED = {
    "rep": N_("Rated: the words of the rep."),
    "customer": N_("Rated: the words of the customer."),
    "any": N_("Rated: the words of anybody on the call."),
}


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
    blocks += [Heading(_("How to rate"))] + [Paragraph(_(text), _(lead)) for lead, text in _RULES]
    for criterion in rubric.criteria:
        blocks += _criterion(criterion, (near_misses or {}).get(criterion.id, ()))
    return Document(
        title=_("Scoring guide: {label}", label=rubric.label),
        logged=f"Scoring guide: {rubric.label}",
        subtitle=ngettext("{n} criterion", "{n} criteria", len(rubric.criteria), n=len(rubric.criteria)),
        made_on=made_on,
        provenance=made_from(rubric),
        blocks=tuple(blocks),
        data=(_criteria_data(rubric), _example_data(rubric)),
    )


_RULES = (
    NS_("Evidence.", "A behavior counts where the transcript holds it. Copy the words; what nobody said is not there."),
    NS_("One call.", "Rate what happened on this call, not what you know of the rep or of the deal."),
    NS_("Alone.", "Rate before you speak with anybody about the call."),
    NS_("Not applicable.", "Use it where the rule says so, never in place of a low level."),
)


def _criterion(criterion: Criterion, misses: Sequence[tuple[str, NearestMiss]]) -> list[Block]:
    about = [
        f"{criterion.id}.",
        _(_RATED[criterion.speaker]),
        _("Weight {weight}.", weight=number(criterion.weight, 6)),
    ]
    about += [_("Stage: {stage}.", stage=shipped(criterion.stage))] if criterion.stage else []
    only = ", ".join(map(shipped, criterion.only_in))
    about += [_("Rated on calls of {stages} only.", stages=only)] if only else []
    about += [_("A behavior to avoid.")] if criterion.weight < 0 else []
    blocks: list[Block] = [Heading(criterion.name), Paragraph(" ".join(about), soft=True, keep=True)]
    blocks += [Paragraph(criterion.description, keep=True), *_counted(criterion), *_levels(criterion)]
    for kind, title in (("present", N_("Present")), ("absent", N_("Absent, or a near miss"))):
        blocks += _examples(_(title), [e for e in criterion.examples if e.kind == kind])
    if misses:
        blocks.append(Heading(_("Near misses on rated calls"), 3))
        blocks += [Quoted(m.text, place(m.speaker, call, m.turn), m.why, _("near"), "bad") for call, m in misses]
    rule = criterion.not_applicable_when
    return [*blocks, Paragraph(rule or _("never; every call is rated."), _("Not applicable:"))]


def _counted(criterion: Criterion) -> list[Block]:
    return [Paragraph(f"{criterion.counts.told}.", _("Counted:"))] if criterion.counts else []


def _levels(criterion: Criterion) -> list[Block]:
    """A table of all levels; levels without an anchor are marked, so that the gap is visible."""
    if not criterion.anchors:
        binary = criterion.scale.binary
        words = _("1 = shown, 0 = not shown.") if binary else _("the description says what each level is.")
        return [Paragraph(words, _("Scale {scale}:", scale=_(criterion.scale.name)))]
    rows = [(str(level), criterion.anchors.get(level, _("no anchor"))) for level in criterion.levels]
    return [table(((_("Level"), 1), (_("What it looks like"), 9)), rows)]


def _examples(title: str, examples: Sequence[Example]) -> list[Block]:
    if not examples:
        return [Paragraph(_("no example yet."), f"{title}:")]
    return [Heading(title, 3), *(_example(e) for e in examples)]


def _example(example: Example) -> Quoted:
    quote, source = example.quote, example.source
    if source and quote:
        source = place(quote.speaker, source, quote.span.turn)
    return Quoted(example.text, source, example.why, "", "good" if example.kind == "present" else "bad")


def _criteria_data(rubric: Rubric) -> Data:
    columns = NS_(
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
        N_("Criteria"),
        columns,
        tuple(
            (
                c.id,
                c.name,
                c.description,
                _(c.scale.name),
                c.weight,
                c.stage,
                _(c.speaker),
                c.not_applicable_when,
                ", ".join(c.only_in),
                c.counts.told if c.counts else "",
                "\n".join(f"{level} = {text}" for level, text in sorted(c.anchors.items())),
            )
            for c in rubric.criteria
        ),
    )


def _example_data(rubric: Rubric) -> Data:
    columns = NS_("criterion", "kind", "text", "speaker", "source", "turn", "why")
    rows = tuple(
        (c.id, _(e.kind), e.text, q.speaker if q else "", e.source, q.span.turn if q else None, e.why)
        for c in rubric.criteria
        for e in c.examples
        for q in (e.quote,)
    )
    return Data(N_("Examples"), columns, rows)
