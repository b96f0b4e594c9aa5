"""The interview guide on paper: questions with probes and room for notes; and what its questions brought."""

from collections.abc import Mapping, Sequence
from datetime import date

from agent import __version__
from agent.app.documents.blocks import (
    Block,
    Bullets,
    Data,
    Document,
    Facts,
    Heading,
    NewPage,
    Paragraph,
    Room,
    Together,
)
from agent.core.language import N_, NS_, _
from agent.guides.model import Guide

_HOW = NS_(
    "Ask for the story, then for the exact words: what did the rep say, what did you reply, what came next?",
    "Wait. Count to five before the next question.",
    "Answer an opinion with “What happened that made you see it that way?”",
    "Never ask for reasons or ratings; ask what happened.",
)

_FOR = {"won": N_("For buyers of won deals"), "lost": N_("For buyers of lost deals")}
_QUESTIONS = {"won": N_("Questions on won deals"), "lost": N_("Questions on lost deals")}


def interview_guide(guides: Sequence[Guide], stages: Mapping[str, tuple[str, str]], *, made_on: date) -> Document:
    """The guides, each from a new page on. `stages` gives name and what "won" means by id."""
    blocks: list[Block] = []
    for number, guide in enumerate(guides):
        blocks += [NewPage()] if number else []
        blocks += _guide(guide, stages)
    made_from = [_("Guide {id} ({outcome})", id=guide.id, outcome=_(guide.outcome)) for guide in guides]
    return Document(
        title=_("Interview guide"),
        logged="Interview guide",
        subtitle=_(_FOR[guides[0].outcome]) if len(guides) == 1 else _("For buyers of won and lost deals"),
        made_on=made_on,
        provenance=" · ".join([*made_from, f"Closeread {__version__}"]),
        blocks=tuple(blocks),
        data=(_data(guides),),
    )


def _guide(guide: Guide, stages: Mapping[str, tuple[str, str]]) -> list[Block]:
    blocks: list[Block] = [Heading(_(_QUESTIONS[guide.outcome]))]
    blocks += [Facts(tuple((name, "______________________") for name in (_("Buyer"), _("Account"), _("Date"))))]
    blocks += [Heading(_("How to ask"), 3), Bullets(tuple(map(_, _HOW)))]
    last = ""
    for number, question in enumerate(guide.questions, 1):
        if question.stage != last:
            blocks += _stage(question.stage, stages)
            last = question.stage
        probes = (Bullets(question.probes),) if question.probes else ()
        blocks += [Together((Paragraph(question.question, f"{number}."), *probes, Room(3)))]
    return [*blocks, Heading(_("At the end"), 2), Room(3, _("Whom else to speak with; what to send"))]


def _stage(stage: str, stages: Mapping[str, tuple[str, str]]) -> list[Block]:
    if stage not in stages:
        return [Heading(stage or _("Throughout"), 2)]
    name, won = stages[stage]
    return [Heading(name, 2), Paragraph(won, soft=True, keep=True)]


def _data(guides: Sequence[Guide]) -> Data:
    rows = tuple(
        (_(guide.outcome), number, question.stage, question.question, "\n".join(question.probes), "")
        for guide in guides
        for number, question in enumerate(guide.questions, 1)
    )
    return Data(N_("Questions"), NS_("outcome", "number", "stage", "question", "probes", "notes"), rows)
