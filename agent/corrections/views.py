"""Corrections as they are shown outside."""

from __future__ import annotations

import shlex
from functools import partial

from pydantic import Field

from agent.app.view import View
from agent.calls.model import Call
from agent.corrections.stages import OpenStage
from agent.corrections.verbs import Corrected, Settled
from agent.interviews.model import Interview
from agent.interviews.verbs import Proposal, Proposed
from agent.interviews.views import FileProposals, SideProposal


class CorrectedView(View):
    """An interview or call after a correction. `lost` counts the quotes that are not in its words any more."""

    kind: str
    id: str
    speakers: dict[str, str] = Field(description="The part of each speaker; empty where it is open.")
    turns: int
    quotes: int = Field(description="How many quotes rest on it.")
    lost: int
    notes: list[str]

    @classmethod
    def of(cls, made: Corrected) -> CorrectedView:
        words = made.document.transcript
        return super().of(
            made,
            speakers={name: words.roles.get(name, "") for name in words.speakers},
            turns=len(words.turns),
        )


class OpenSidesView(View):
    """An interview or call that is left out until it is said who is on whose side."""

    id: str
    open: list[str] = Field(description="The speakers whose side is open.")
    known: dict[str, str] = Field(description="The sides that are known.")

    @classmethod
    def of(cls, one: Interview | Call) -> OpenSidesView:
        return cls(id=one.id, open=list(one.open_sides), known=dict(one.transcript.roles))


class SettledView(View):
    """What came of saying who is on whose side: where it is `settled` now, and where something is still open."""

    settled: list[str]
    left: list[str]

    @classmethod
    def of(cls, made: Settled) -> SettledView:
        return cls(settled=made.ids, left=list(made.left))


class SideProposals(View):
    """Whose the open labels of one interview or call are, as a model proposes; `option` settles one at the command
    line."""

    id: str
    speakers: list[SideProposal]

    @classmethod
    def all(cls, made: Proposed) -> list[SideProposals]:
        return [
            cls(id=file.id, speakers=FileProposals.of(file, parts, partial(_option, file.id)).speakers)
            for file, parts in made.files
        ]


def _option(ident: str, proposal: Proposal) -> str:
    return f"--side {shlex.quote(f'{ident}:{proposal.label}={proposal.part}')}"


class OpenStageView(View):
    """A call of which it is not said of which stage it is. `proposed` is what is likely, with the reason; both may be
    empty."""

    id: str
    said: str = Field(description="What its table says, where that is no stage of this workspace.")
    deal: str
    proposed: str
    why: str

    @classmethod
    def of(cls, one: OpenStage) -> OpenStageView:
        return cls(id=one.call.id, said=one.call.stage, deal=one.call.deal, proposed=one.proposed, why=one.why)


class StagedView(View):
    """The stages that were said, by call, and how many calls are still open."""

    stages: dict[str, str]
    left: int


class HangingView(View):
    """What rests on an interview or call. `along` goes with it where that is asked for; `holds` keeps it."""

    along: list[str]
    holds: list[str]
