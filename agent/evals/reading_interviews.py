"""Suites of the two prompts that make criteria: `notes` (what an analyst notes in one interview) and `drafts` (what a
drafter makes of one pattern). One request a case, without the re-ask, so that the prompt alone is measured.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from agent.calls.intake import load_calls
from agent.core.errors import ImportProblem
from agent.core.scale import BINARY, SCALES
from agent.core.transcript import Quote
from agent.evals.suite import Case, Reference, Suite
from agent.evals.suite_files import CallFiles, SuiteFile
from agent.interviews.intake import load_interviews
from agent.interviews.model import Interview
from agent.llm.model import Request
from agent.llm.prompts import Prompt
from agent.llm.roles import Role
from agent.patterns.coding import Moments, evidence_speakers, noting_requests
from agent.patterns.model import Pattern
from agent.ratings.model import Rated
from agent.rubrics.checks import MOST_WORDS
from agent.rubrics.drafting import Sources, choose_calls, draft_request, examples_of, sentences
from agent.rubrics.model import Criterion
from agent.rubrics.replies import DraftCriteriaReply
from agent.settings import Stages
from agent.text.quotes import QuoteIndex

MOST_WORDS_OF_EXCEPTION = 15
LOOKED_AT = {
    "two_sentences": "the description is two sentences",
    "short": f"the description has at most {MOST_WORDS} words",
    "narrow": f"it applies to every call of its stages, or says in at most {MOST_WORDS_OF_EXCEPTION} words when not",
    "every_level": "each level has its anchor",
    "present": "there is an example that shows it, and its words are found",
    "absent": "there is an example that does not, and its words are found",
    "located": "the words of every example are found in its source, said by whom they have to be",
}


def note_suite(suite: Suite, moments: Mapping[str, str]) -> Suite:
    """A suite of interviews made one of notes: each behavior known to be there has to be noted, and at its moment."""
    criteria, cases = [], []
    for criterion in suite.criteria:
        at = criterion.model_copy(update={"id": f"{criterion.id}_moment", "name": f"{criterion.name} at its moment"})
        criteria += [criterion, *([at] if criterion.id in moments else [])]
    known = {c.id for c in criteria}
    for case in suite.cases:
        there = [r for r in case.references if r.value]
        both = [one for r in there for one in (r, r.model_copy(update={"criterion": f"{r.criterion}_moment"}))]
        cases.append(
            Case(case.id, case.split, case.tags, False, tuple(r for r in both if r.criterion in known), reads=case.id)
        )
    return Suite(
        suite.name, suite.folder, suite.file, tuple(criteria), tuple(cases), extras={**suite.extras, "moments": moments}
    )


def draft_suite(folder: Path, file: SuiteFile) -> Suite:
    """A suite of patterns, each to be made a criterion. `extras` holds the patterns and the sources of examples."""
    path = folder / "suite.yaml"
    if not (file.patterns and file.calls and file.interviews):
        raise ImportProblem(str(path), None, "a suite of kind drafts needs patterns:, calls: and interviews:")
    patterns = TypeAdapter(list[Pattern]).validate_json((folder / file.patterns).read_bytes())
    criteria = tuple(
        Criterion(id=name, name=name, description=text, scale=BINARY, speaker="any") for name, text in LOOKED_AT.items()
    )
    cases = tuple(
        Case(
            p.id,
            "dev",
            frozenset({p.side}),
            False,
            tuple(Reference(case=p.id, criterion=c, value=1) for c in LOOKED_AT),
            reads=p.id,
        )
        for p in patterns
    )
    extras = {
        "patterns": {p.id: p for p in patterns},
        "calls": _loaded(folder, file.calls, load_calls),
        "interviews": _loaded(folder, file.interviews, load_interviews),
    }
    return Suite(folder.name, folder, file, criteria, cases, extras=extras)


def _loaded(folder: Path, files: CallFiles, load: Any) -> tuple[Any, ...]:
    intake = load((folder / files.directory).resolve(), (folder / files.manifest).resolve())
    if intake.problems:
        raise intake.problems[0]
    return tuple(intake.loaded)


@dataclass(frozen=True)
class OneReading:
    """One case of a suite of notes or drafts, put to a model and held against what has to be there."""

    suite: Suite
    case: Case
    prompt: Prompt
    stages: Stages

    def requests(self, role: Role) -> Sequence[Request[Any]]:
        """One request; of notes on a long interview one for each part."""
        if self.suite.file.kind == "drafts":
            return [
                draft_request(self.suite.extras["patterns"][self.case.reads], self._sources(role), role, self.prompt)
            ]
        return noting_requests(self._interview, "analyst_a", role, self.prompt, Moments.of(self.stages))

    def found(self, role: Role, replies: Sequence[Any]) -> dict[str, Rated]:
        """By criterion, whether the replies hold it."""
        if self.suite.file.kind == "notes":
            return self._noted(replies)
        held = _drafted(replies[0], self._sources(role))
        return {name: Rated(value=int(yes)) for name, yes in held.items()}

    @property
    def _interview(self) -> Interview:
        found: Interview = self.suite.extras["interviews"][self.case.reads]
        return found

    def _sources(self, role: Role) -> Sources:
        extras = self.suite.extras
        stages = tuple({"id": s.id, "won": s.won} for s in self.stages.stages)
        return Sources(choose_calls(extras["calls"], role.context_tokens), extras["interviews"], stages)

    def _noted(self, replies: Sequence[Any]) -> dict[str, Rated]:
        interview = self._interview
        index, buyers = QuoteIndex(interview.transcript.turns), evidence_speakers(interview)
        notes = [note for reply in replies for note in reply.notes]
        places = [(index.locate(note.quote, buyers, note.turn), note.moment) for note in notes]
        found = [(place, moment) for place, moment in places if isinstance(place, Quote)]
        wanted: Mapping[str, str] = self.suite.extras["moments"]
        held = {}
        for reference in self.case.references:
            name = reference.criterion.removesuffix("_moment")
            at = "" if name == reference.criterion else wanted[name]
            quotes = [q for q, moment in found if q.span.turn in (reference.turns or ()) and at in ("", moment)]
            held[reference.criterion] = Rated(value=int(bool(quotes)), quotes=tuple(quotes))
        return held


def _drafted(draft: DraftCriteriaReply, sources: Sources) -> dict[str, bool]:
    where = [(kind, isinstance(sources.locate(e, kind, draft.speaker), Quote)) for kind, e in examples_of(draft)]
    return {
        "two_sentences": sentences(draft.description) == 2,
        "short": len(draft.description.split()) <= MOST_WORDS,
        "narrow": len(draft.not_applicable_when.split()) <= MOST_WORDS_OF_EXCEPTION,
        "every_level": {a.level for a in draft.anchors} == set(SCALES[draft.scale].levels),
        "present": ("present", True) in where,
        "absent": ("absent", True) in where,
        "located": all(found for _, found in where),
    }
