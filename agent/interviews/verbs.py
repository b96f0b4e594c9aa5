"""Who speaks behind a label such as "Speaker 1": a model proposes, resting on two lines, and a person confirms.

Nothing is decided or stored here. A proposal without two lines that stand in the transcript is none.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from agent.app.telling import Note
from agent.core.errors import ModelError
from agent.core.transcript import Quote, SpeakerRole
from agent.interviews.replies import ProposeSpeakersReply, SpeakerPart
from agent.llm.asking import ask_checked, each
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.text.quotes import QuoteIndex
from agent.text.rendering import Window, numbered, windows
from agent.text.unmatched import Unmatched
from agent.workspace import Workspace

LINES = 2
_KIND = {"call": "a sales call", "interview": "an interview with a buyer about a purchase"}


@dataclass(frozen=True, slots=True)
class Proposal:
    """What a model proposes for one label. `part` is None where it proposes nothing; `reason` then says why.

    `undecided`: the model says that the words do not tell. With no part and not undecided, its reply cannot be used.
    """

    label: str
    part: SpeakerRole | None
    reason: str
    lines: tuple[Quote, ...] = ()
    undecided: bool = False

    @property
    def unusable(self) -> bool:
        """Whether what the model said of this label rests on nothing."""
        return self.part is None and not self.undecided


def speakers_request(file: Unmatched, role: Role, prompt: Prompt) -> Request[ProposeSpeakersReply]:
    """The request for one file: its beginning, as far as the model's context reaches."""
    inputs = {
        "kind": _KIND[file.kind],
        "people": [{"role": part, "name": name} for part, name in file.people],
        "labels": list(file.open),
        "turns": numbered(_read(file, role).turns),
    }
    return role.request(prompt, ProposeSpeakersReply, inputs, subject=file.id)


async def propose_speakers(file: Unmatched, role: Role, prompt: Prompt) -> list[Proposal]:
    """A proposal for each open label of `file`, after one re-ask where lines are not in the transcript."""
    index = QuoteIndex(_read(file, role).turns)

    def faults(reply: ProposeSpeakersReply) -> list[str]:
        checked = [_proposal(label, reply.speakers, index) for label in file.open]
        unknown = [part.label for part in reply.speakers if part.label not in file.open]
        return [p.reason for p in checked if p.unusable] + [f"there is no label {label!r}" for label in unknown]

    first, second = await ask_checked(role, speakers_request(file, role, prompt), faults)
    return [_proposal(label, (second or first).value.speakers, index) for label in file.open]


def _read(file: Unmatched, role: Role) -> Window:
    return windows(file.transcript, role.context_tokens)[0]


def _proposal(label: str, given: Sequence[SpeakerPart], index: QuoteIndex) -> Proposal:
    own = [part for part in given if part.label == label]
    if len(own) != 1:
        return Proposal(label, None, f"{label!r} is given {len(own)} parts, not one")
    (said,) = own
    reason = " ".join(said.reason.split())
    if said.part == "unknown":
        return Proposal(label, None, reason or "the words do not decide it", undecided=True)
    located = [index.locate(line.quote, turn=line.turn) for line in said.lines]
    for place in located:
        if not isinstance(place, Quote):
            return Proposal(label, None, f"{label!r} rests on a line that cannot be used: {place.detail}")
    lines = tuple(dict.fromkeys(place for place in located if isinstance(place, Quote)))
    if len(lines) < LINES:
        return Proposal(label, None, f"{label!r} rests on {len(lines)} different lines, not {LINES}")
    return Proposal(label, said.part, reason, lines[:LINES])


@dataclass
class Proposed:
    """Proposals for some files. A file of which nothing came is listed all the same, without proposals."""

    files: list[tuple[Unmatched, list[Proposal]]] = field(default_factory=list)
    failed: list[ModelError] = field(default_factory=list)


async def propose_for_files(
    space: Workspace, files: Sequence[Unmatched], note: Note, budget: float | None = None
) -> Proposed:
    """Let the drafter's model propose for `files`. `note` is told of those without a proposal."""
    if not files:
        return Proposed()
    results: dict[str, list[Proposal] | ModelError] = {}
    prompt = space.prompt("propose_speakers")
    async with space.roles("drafter", budget_usd=budget) as roles:
        drafter = roles["drafter"]
        await each(
            files,
            lambda file: propose_speakers(file, drafter, prompt),
            space.concurrency,
            lambda file, result: results.update({file.file: result}),
        )
    made = Proposed()
    for file in files:
        result = results[file.file]
        if isinstance(result, ModelError):
            note(f"problem: {file.file}: no proposal: {result}")
            made.failed.append(result)
        made.files.append((file, [] if isinstance(result, ModelError) else result))
    return made


def speakers_requests(space: Workspace, files: Sequence[Unmatched]) -> list[Request[Any]]:
    """What proposals for `files` would ask."""
    role, prompt = space.planned_role("drafter"), space.prompt("propose_speakers")
    return [speakers_request(file, role, prompt) for file in files]
