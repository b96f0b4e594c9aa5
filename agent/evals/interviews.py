"""Running a suite of kind `interviews`: one whole extraction, held against the behaviors known to be there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from agent.app.telling import Phase
from agent.evals.behaviors import pattern_of
from agent.evals.run import Answer, Run
from agent.evals.running import Meter, Plan, finished
from agent.evals.suite import Case, Suite
from agent.interviews.model import Interview
from agent.llm.prices import Prices
from agent.llm.prompts import Prompt
from agent.patterns.coding import Moments
from agent.patterns.extraction import Readers, extract
from agent.patterns.model import Extraction
from agent.ratings.model import Rated


@dataclass(frozen=True)
class Extracting:
    """What an extraction needs."""

    readers: Readers
    prompts: Mapping[str, Prompt]
    moments: Moments
    concurrency: int
    phase: Phase


async def run_interviews(plan: Plan, given: Extracting, prices: Prices | None = None) -> Run:
    """One extraction from the suite's interviews, with its answer on each known behavior in each of them."""
    interviews: Mapping[str, Interview] = plan.suite.extras["interviews"]
    chosen = [interviews[case.id] for case in plan.cases]
    meter = Meter(given.readers.drafter.client, prices or Prices())
    readers = Readers(
        replace(given.readers.analyst_a, client=meter),
        replace(given.readers.analyst_b, client=meter),
        replace(given.readers.drafter, client=meter),
    )
    extraction = await extract(chosen, readers, given.prompts, given.moments, given.concurrency, given.phase)
    answers = answers_from(plan.suite, plan.cases, extraction)
    return finished(plan, answers, {}, meter.spending())


def answers_from(suite: Suite, cases: Sequence[Case], extraction: Extraction) -> list[Answer]:
    """For each interview and known behavior: is the pattern that stands for it there, and on which quotes?"""
    patterns = {p.id: p for p in extraction.patterns.patterns}
    matched = pattern_of(suite, extraction)
    answers = []
    for case in cases:
        for reference in case.references:
            pattern = patterns.get(matched.get(reference.criterion, ""))
            evidence = () if pattern is None else tuple(e.quote for e in pattern.evidence if e.interview == case.id)
            why = "no pattern stands for this behavior" if pattern is None else f"pattern {pattern.id}"
            judgement = Rated(value=int(bool(evidence)), quotes=evidence)
            answers.append(Answer(case=case.id, criterion=reference.criterion, draw=0, judgement=judgement, reason=why))
    return answers
