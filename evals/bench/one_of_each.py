"""What the pages of a team in use show besides calls and ratings: one of each, or many where a list is long.

Interviews, patterns and two finished calibration rounds are the sample's, extracted anew from recorded replies; the
runs of a suite are real runs of the shipped one. The rest goes through the same stores and services as in use.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from agent.app.queue.job_work import Chunk, JobWork
from agent.app.queue.starting import start
from agent.app.queue.store import Jobs
from agent.app.verb import Who
from agent.calibration.model import CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calibration.verbs import submit_ratings
from agent.calls.model import Call
from agent.calls.store import Calls
from agent.coaching.model import Session
from agent.coaching.store import Coaching
from agent.coaching.verbs import make_plan
from agent.core.people import Person, Scope
from agent.core.transcript import Quote, Span, Transcript, Turn
from agent.db.audit import AuditLog
from agent.db.schema import ledger
from agent.disputes.verbs import answer_dispute, open_dispute
from agent.evals import verbs as evaluating
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.patterns.store import Extractions
from agent.patterns.verbs import extract_patterns
from agent.people.store import Invitations, People
from agent.ratings.model import Rated
from agent.ratings.overriding import Given
from agent.ratings.store import Ratings
from agent.ratings.store_pages import RatingFilters
from agent.rubrics import drafts as rubric_drafts
from agent.rubrics.drafts_model import WorkingCopy
from agent.rubrics.model import Rubric, RubricState
from agent.rubrics.store import Rubrics, RubricStates
from agent.settings import Settings, shipped
from agent.start.sample import import_calibration, import_sample
from agent.uploads.model import UploadedDocument
from agent.uploads.staging import StagingArea
from agent.uploads.store import Uploads
from agent.webhooks.store import Webhooks
from agent.workspace import Workspace
from evals.bench.filling import RUBRIC, WORDS, call_id, fill, rep_name, season

REP = 3
CALL = call_id(500, REP)
CRITERION = RUBRIC.criteria[0].id
INTERVIEWS, SUITE, RECORDED_MODEL = 100, "ledgerline", "openai/relay"
_JOBS, _JOB_CALLS, DISPUTES, _DELIVERIES, _AUDITED, _BOOKED = 60, 1_000, 200, 60, 5_000, 100_000


@dataclass(frozen=True)
class Made:
    """Who asks, and what can be asked for. `ids` by the word before the id in an address, `names` by the parameter.

    `rounds` are one that is blind, and one that both raters have submitted. `seconds` is what filling took.
    """

    lead: Person
    manager: Person
    rep: Person
    ids: dict[str, str]
    names: dict[str, str]
    rounds: tuple[CalibrationRound, CalibrationRound]
    seconds: float


def filled(folder: Path, reps: int, calls_each: int) -> Made:
    """A workspace in `folder` with calls, ratings, a season and one of each."""
    begun = time.perf_counter()
    url = f"sqlite:///{folder}/closeread.db"
    space = Workspace(Settings(folder, url, {"CLOSEREAD_MODEL": RECORDED_MODEL}, replay=shipped("recordings") / "demo"))
    earlier(space)
    fill(space.store, reps, calls_each)
    season(space.store, reps, calls_each)
    # Else the sample's, which its rounds have calibrated, would be in use, and every page would show its forty calls.
    space.store[RubricStates].set(RubricState(rubric=RUBRIC.id, state="deployed", at=datetime.now(UTC)))
    made = one_of_each(space)
    space.store.close()
    return replace(made, seconds=time.perf_counter() - begun)


def earlier(space: Workspace) -> None:
    """The sample, and earlier versions of the rubric: stored first, so that `scale` is the newest."""
    import_sample(space, _silent)
    import_calibration(space, _silent)
    space.store[Extractions].add(asyncio.run(extract_patterns(space, "model", 8, None)))
    for interview in more_interviews(space.store[Interviews].all()):
        space.store[Interviews].add(interview)
    for number in (1, 2):
        worded = [c.model_copy(update={"description": f"Does it, wording {number}."}) for c in RUBRIC.criteria]
        space.store[Rubrics].add(Rubric(criteria=tuple(worded), label=f"scale draft {number}"))


def more_interviews(known: list[Interview]) -> Iterator[Interview]:
    """As long as real ones, and as many: the sample's with their turns repeated. No pattern was looked for in them."""
    for number in range(INTERVIEWS - len(known)):
        one = known[number % len(known)]
        turns = one.transcript.turns * (WORDS // sum(len(turn.text.split()) for turn in one.transcript.turns) + 1)
        said = (*turns, Turn(index=0, speaker=turns[-1].speaker, text=f"That was interview number {number}."))
        numbered = tuple(turn.model_copy(update={"index": at}) for at, turn in enumerate(said))
        words = Transcript(turns=numbered, roles=one.transcript.roles)
        yield one.model_copy(update={"id": f"{one.id}-{number:03}", "transcript": words})


def one_of_each(space: Workspace) -> Made:
    """Everything else, once calls, ratings and season are there."""
    lead, manager, rep = people(space)
    blind, submitted = rounds(space, lead.name, manager.name)
    disputed = disputes(space, rep.name, manager.name)
    make_plan(Who(space, Scope(name=manager.name, local=True)), rep_name(REP), [CRITERION], RUBRIC.id)
    sessions(space, manager.name)
    booked(space)
    first, second = suite_runs(space)
    base = space.store[Rubrics].get("scale draft 1")
    rubric_drafts.save(space, base, 0, _reworded(), lead.name)
    ids = {
        "calls": CALL,
        "ratings": _rating(space),
        "disputes": disputed,
        "people": rep.id,
        "jobs": jobs(space, lead.name),
        "uploads": uploaded(space, lead.name),
        "upload": staged(space, lead.id),
        "webhooks": webhook(space, lead.name),
        "runs": first,
        "interviews": space.store[Interviews].all()[0].id,
        "patterns": space.store[Extractions].newest().patterns.patterns[0].id,
    }
    names = {
        "rep": rep_name(REP),
        "call": CALL,
        "round_call": submitted.calls[0],
        "blind_call": blind.calls[-1],
        "rubric": RUBRIC.id,
        "ref": RUBRIC.label,
        "base": base.id,
        "criterion": CRITERION,
        "pattern": ids["patterns"],
        "suite": SUITE,
        "first": first,
        "second": second,
        "name": "rate_call",
        "version": "2",
        "secret": space.store[Invitations].create(manager.id),
    }
    return Made(lead, manager, rep, ids, names, (blind, submitted), 0.0)


def _silent(_: str) -> None:
    """Nobody reads what was imported."""


def people(space: Workspace) -> tuple[Person, Person, Person]:
    """An ops lead, a manager and a rep, among an account for every rep."""
    add = space.store[People].create
    for number in range(len(space.store[Calls].reps())):
        add(f"Account {number:04}", f"account-{number}@example.com", "viewer")
    lead = add("Ola Lead", "ola@example.com", "ops_lead")
    manager = add("Mia Manager", "mia@example.com", "manager")
    return lead, manager, add("Rae Rep", "rae@example.com", "rep", rep_name(REP))


def rounds(space: Workspace, lead: str, manager: str) -> tuple[CalibrationRound, CalibrationRound]:
    """A round of eight calls that both have submitted, and one in which the manager has and the ops lead is half-way."""
    first = open_round(space, lead, manager, 100)
    for rater, level in ((lead, 1), (manager, 2)):
        rate(space, first, rater, len(first.calls), level)
        submit_ratings(Who(space, Scope(name=rater, local=True)), str(first.number))
    second = open_round(space, lead, manager, 200)
    rate(space, second, manager, len(second.calls), 1)
    submit_ratings(Who(space, Scope(name=manager, local=True)), str(second.number))
    rate(space, second, lead, len(second.calls) // 2, 1)
    stored = space.store[Rounds]
    return stored.get(second.id), stored.get(first.id)


def open_round(space: Workspace, lead: str, manager: str, number: int) -> CalibrationRound:
    """A new round of eight calls, each of another rep."""
    new = CalibrationRound(
        number=space.store[Rounds].next_number(),
        rubric=RUBRIC.id,
        raters=(lead, manager),
        calls=tuple(call_id(number, rep) for rep in range(10, 18)),
        opened_at=datetime.now(UTC),
    )
    return space.store[Rounds].open(new, {})


def rate(space: Workspace, found: CalibrationRound, rater: str, calls: int, every: int) -> None:
    """Drafts for the first calls; every so many criteria are shown, with a quote."""
    drafts = []
    for ident in found.calls[:calls]:
        quote = quote_of(space.store[Calls].get(ident))
        for at, criterion in enumerate(RUBRIC.criteria):
            value = criterion.levels[-1] if at % every == 0 else criterion.levels[0]
            quotes = (quote,) if criterion.shown(value) else ()
            judgement = Rated(value=value, quotes=quotes)
            drafts.append(Draft(call=ident, criterion=criterion.id, judgement=judgement, reason="as heard"))
    space.store[Rounds].save(found, rater, drafts)


def quote_of(call: Call) -> Quote:
    """The first words of the rep."""
    turn = rep_turn(call)
    return Quote(span=Span(turn=turn.index, start=0, end=len(turn.text)), speaker=turn.speaker, text=turn.text)


def rep_turn(call: Call) -> Turn:
    """The first turn of the rep."""
    own = call.transcript.speakers_as("rep")
    return next(turn for turn in call.transcript.turns if turn.speaker in own)


def disputes(space: Workspace, rep: str, manager: str) -> str:
    """The rep disputes many ratings, and half are answered; the id of one that is open."""
    own = Who(space, Scope(name=rep, role="rep", rep=rep_name(REP)))
    found = own.space.store[Ratings].page(RatingFilters(status="rated"), limit=DISPUTES).rows
    made = [open_dispute(own, row.id, "I said it, in other words.").dispute.id for row in found]
    answering = Who(space, Scope(name=manager, role="manager"))
    for ident in made[::2]:
        answer_dispute(answering, ident, "declined", Given("", "It is not in the call."))
    return made[1]


def sessions(space: Workspace, manager: str) -> None:
    """Coaching that took place."""
    for number in range(100):
        day = date(2025, 6, 1) + timedelta(days=number)
        note = Session(rep=rep_name(number % 20), date=day, coach=manager, note="Ask first.", at=datetime.now(UTC))
        space.store[Coaching].log(note)


def _rating(space: Workspace) -> str:
    """A rating that stands on the call."""
    rows = space.store[Ratings].page(RatingFilters(call=CALL, status="rated")).rows
    return rows[0].id


def jobs(space: Workspace, lead: str) -> str:
    """Many jobs that ended, and one of a thousand calls: six hundred done, twenty given up."""
    store = space.store
    for _ in range(_JOBS):
        store[Jobs].cancel(start(space, "extract", {}, by=lead).id, lead)
    calls = [call_id(number, rep) for number in range(10) for rep in range(100)][:_JOB_CALLS]
    params: dict[str, Any] = {"rubric": RUBRIC.id, "prompt": "rate_call@1", "model": RECORDED_MODEL, "draw": 0}
    job = start(space, "score", params, by=lead, calls=calls)
    store[Jobs].start(job.id)
    given_up = 20
    for chunk in store[JobWork].idle_chunks(job.id, 13):
        for call in _held(space, chunk):
            if given_up:
                store[JobWork].bury(job.id, call, "bench@1", "the model did not answer")
                given_up -= 1
            else:
                store[JobWork].settle(job.id, call, "bench@1")
    return job.id


def _held(space: Workspace, chunk: Chunk) -> list[str]:
    space.store[JobWork].take(chunk, "bench")
    return [call for call, _ in space.store[JobWork].claim(chunk, "bench", "bench@1")]


def uploaded(space: Workspace, lead: str) -> str:
    """An upload of two hundred calls."""
    documents = [UploadedDocument(id=call_id(number, REP), how="new", file=f"{number}.txt") for number in range(200)]
    upload = space.store[Uploads].begin("call", lead, "calls.csv")
    return space.store[Uploads].settle(upload.id, documents, {"new": 200}).id


def staged(space: Workspace, owner: str) -> str:
    """The sample's calls, waiting to be stored."""
    area = StagingArea(space.settings.workspace, owner)
    waiting = area.begin("call")
    for path in sorted((shipped("sample") / "ledgerline" / "calls").iterdir()):
        with path.open("rb") as file:
            area.add(waiting.id, path.name, file)
    area.keep(waiting.model_copy(update={"manifest": "calls.csv"}))
    return waiting.id


def webhook(space: Workspace, lead: str) -> str:
    """One that was told of sixty calls, and answered."""
    made = space.store[Webhooks].create("https://hooks.example.com/closeread", (), lead)
    for number in range(_DELIVERIES):
        space.store[Webhooks].publish("call.scored", call_id(number, REP), {"ratings": len(RUBRIC.criteria)})
    for claimed in space.store[Webhooks].claim(_DELIVERIES, 60):
        space.store[Webhooks].delivered(claimed.delivery.number)
    return made.id


def suite_runs(space: Workspace) -> tuple[str, str]:
    """Runs of the shipped suite by two versions of the prompt; the first is the baseline."""
    recorded = replace(space.settings, replay=shipped("recordings") / SUITE)
    asking = Workspace(recorded)
    suite = evaluating.named_suite(asking, SUITE)
    wanted = [evaluating.Wanted(prompt=f"rate_call@{version}") for version in (1, 2)]
    first, second = (asyncio.run(evaluating.execute(asking, suite, one, 8, None)).run.id for one in wanted)
    evaluating.accept_run(Who(asking, Scope(name="Ola Lead", role="ops_lead")), first, "Read in full.")
    asking.store.close()
    return first, second


def booked(space: Workspace) -> None:
    """A month of requests in the ledger and of lines in the audit log, in bulk."""
    moment = datetime.now(UTC)
    asked = {"role": "rater", "prompt": "rate_call@1", "model": "openai/gpt-4.1-mini", "source": "provider"}
    cost = {"input_tokens": 9_000, "output_tokens": 900, "cached_tokens": 0, "estimated": 0, "usd": 0.005}
    rest = {"seconds": 4.2, "attempts": 1, "failure": "", "job": "", "rubric": RUBRIC.id}
    rows = [
        {"at": (moment - timedelta(seconds=20 * n)).isoformat(), "request": f"rq-{n:012x}", "subject": CALL}
        for n in range(_BOOKED, 0, -1)
    ]
    with space.store.engine.begin() as connection:
        connection.execute(ledger.insert(), [asked | cost | rest | row for row in rows])
    log = space.store[AuditLog]
    for _ in range(_AUDITED):
        log.append("rating_overridden", CALL, person="Ola Lead")


def _reworded() -> WorkingCopy:
    worded = [c.model_copy(update={"description": "Does it, as the draft says."}) for c in RUBRIC.criteria]
    return WorkingCopy.of(Rubric(criteria=tuple(worded), label="draft"))
