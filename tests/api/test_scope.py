"""What each collection of the store gives to each role: every public method of every collection stands in one of the
tables below. A method without an entry fails, so nothing new goes unscoped."""

from __future__ import annotations

import inspect
import secrets
from contextlib import closing, suppress
from datetime import UTC, date, datetime, timedelta
from importlib import import_module
from itertools import chain
from pkgutil import walk_packages

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

import agent
from agent.app.queue.job_work import JobWork
from agent.app.queue.store import Jobs
from agent.calibration.model import Adjudication, CalibrationRound, Draft
from agent.calibration.store import Rounds
from agent.calls.model import Deal
from agent.calls.store import Calls
from agent.coaching.model import CoachingPlan, PlannedCriterion, Session
from agent.coaching.store import Coaching
from agent.core.errors import CloseReadError, Forbidden, NotFound
from agent.core.people import ROLES, Scope
from agent.corrections.store import Corrections
from agent.db.audit import AuditLog
from agent.db.computed import Computed
from agent.db.database import open_database
from agent.db.idempotency import Idempotency
from agent.db.ledger import SqlLedger
from agent.db.overview import Overview
from agent.db.schema import calls
from agent.db.store import Store
from agent.disputes.model import Dispute, DisputeAnswer
from agent.disputes.store import Disputes
from agent.interviews.store import Interviews
from agent.llm.spending import Entry, Usage
from agent.outcomes.store import Deals
from agent.patterns.model import Renamed
from agent.patterns.store import Extractions, PatternEdits
from agent.people.names import Names
from agent.people.store import Invitations, People, SignInFailures, Tokens
from agent.people.store_sessions import LiveSessions
from agent.profiles.model import Baseline, CoachingPeriod, CoachMoment
from agent.profiles.store import Baselines, CoachingPeriods
from agent.ratings.counted import Counting
from agent.ratings.kept_filters import CallsShown, KeptFilters, KeptFiltersStore
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import MadeWith, Ratings
from agent.ratings.store_import import ImportedCall, ImportedRatings
from agent.ratings.store_reviews import Reviews
from agent.retention.model import Chosen, Removal
from agent.retention.store import Retention
from agent.rubrics.drafts_model import WorkingCopy
from agent.rubrics.model import RubricState
from agent.rubrics.store import RubricDrafts, Rubrics, RubricStates
from agent.scoring.rules import NewRule, ScoringRule, ScoringRules
from agent.sources.model import Source
from agent.sources.store import Sources
from agent.speech.store import Recordings
from agent.uploads.store import Uploads
from agent.webhooks.store import Webhooks
from agent.weekly.reminders import Reminders
from tests.builders import call, interview, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
DAY = date(2026, 11, 1)
REPS = ("Rae", "Sam", "")
RUBRIC = rubric()
USE = Usage()
RULE = ScoringRule(name="r", id="sr-x", on=True, by="", at=AT)


NAMES = {
    AuditLog: "audit",
    Baselines: "baselines",
    Calls: "calls",
    Coaching: "coaching",
    CoachingPeriods: "coaching_periods",
    Computed: "computed",
    Corrections: "corrections",
    Deals: "deals",
    Disputes: "disputes",
    Extractions: "extractions",
    Idempotency: "idempotency",
    ImportedRatings: "imported_ratings",
    Interviews: "interviews",
    Invitations: "invitations",
    JobWork: "job_work",
    KeptFiltersStore: "kept_filters",
    Jobs: "jobs",
    SqlLedger: "ledger",
    Names: "names",
    Overview: "overview",
    PatternEdits: "pattern_edits",
    People: "people",
    LiveSessions: "sessions",
    Counting: "counting",
    Ratings: "ratings",
    Recordings: "recordings",
    Retention: "retention",
    Reviews: "reviews",
    Reminders: "reminders",
    Rounds: "rounds",
    RubricDrafts: "rubric_drafts",
    RubricStates: "rubric_states",
    Rubrics: "rubrics",
    ScoringRules: "scoring_rules",
    SignInFailures: "sign_in_failures",
    Sources: "sources",
    Tokens: "tokens",
    Uploads: "uploads",
    Webhooks: "webhooks",
}
"""What the tables below call each collection."""


def scope(role, rep="Rae"):
    return Scope(name=f"{role}-person", role=role, rep=rep if role == "rep" else "")


def rating(ident, rater, value=1, **made):
    return Rating(
        call=ident,
        criterion="asks_cost",
        rater=rater,
        judgement=Rated(value=value),
        provenance=Provenance(rubric=RUBRIC.id, **made),
        at=AT,
    )


MADE = {"prompt": "rate_call@1#x", "model": "m", "request": "rq"}
MADE_WITH = MadeWith(RUBRIC.id, "rate_call@1#x", "m", 0)
ROUND = CalibrationRound(
    number=1, rubric=RUBRIC.id, raters=("manager-person", "ben"), calls=("Rae-2", "Sam-2"), opened_at=AT
)


def plan(rep, moments=()):
    criterion = PlannedCriterion(criterion="asks_cost", name="n", description="d", reason="r", moments=moments)
    return CoachingPlan(who=rep, rubric=RUBRIC.id, criteria=(criterion,), at=AT)


def moment(rep):
    return CoachMoment(kind="done", rep=rep, call=f"{rep}-1", date=DAY, passage=None, why="so that it is seen")


def baseline(rep):
    return Baseline(
        rep=rep, rubric=RUBRIC.id, calls=(f"{rep}-1",), start=DAY, end=DAY, available=1, wanted=1, seed=0, at=AT
    )


def entry():
    return Entry(
        request="rq",
        role="rater",
        prompt="p",
        subject="s",
        model="m",
        source="provider",
        usage=USE,
        usd=1.0,
        seconds=1.0,
        attempts=1,
        at=AT,
    )


def filled(url):
    """Two reps with three calls each and one call without a rep's name; the second calls are in a blind round."""
    store = Store.open(url)
    store[Rubrics].add(RUBRIC)
    store[Interviews].add(interview())
    for rep in ("Rae", "Sam"):
        store[Calls].add(call(f"{rep}-3", rep).model_copy(update={"stage": "demo"}))
        for number in (1, 2):
            store[Calls].add(call(f"{rep}-{number}", rep))
            store[Ratings].add([rating(f"{rep}-{number}", "ops"), rating(f"{rep}-{number}", "model:m", **MADE)])
        store[Deals].add([Deal(id=f"deal-{rep}", rep=rep, opened=DAY, outcome="open")])
        store[CoachingPeriods].add([CoachingPeriod(rep=rep, cycle="c1", start=DAY, end=DAY, criteria=("asks_cost",))])
        store[Coaching].log(Session(rep=rep, date=DAY, at=AT))
        store[Coaching].add_plan(plan(rep, (moment("Rae"), moment("Sam"))))
        store[Baselines].add([baseline(rep)])
    store[ImportedRatings].add([ImportedCall("nameless", "2026-11-01", "", "", "", "")], [], "import:x", RUBRIC.id)
    store[SqlLedger].record(entry())
    store[Rounds].open(ROUND, {})
    store[Jobs].create("score", {}, "ops", ["Rae-1"])
    for rep in ("Rae", "Sam"):
        second = {**MADE, "draw": 1}
        place = {"rating": rating(f"{rep}-1", "ops").id, "call": f"{rep}-1", "criterion": "asks_cost"}
        store[Ratings].add([rating(f"{rep}-3", "model:m", **MADE), rating(f"{rep}-3", "model:m", 0, **second)])
        store[Disputes].open(Dispute(id=f"di-{rep}", rep=rep, by=rep, comment="no", at=AT, **place))
        store[Disputes].answer(DisputeAnswer(dispute=f"di-{rep}", verdict="declined", by="ops", reason="r", at=AT))
    return store


@pytest.fixture(name="store", scope="module")
def _store(tmp_path_factory):
    """For tests that only read, or are refused."""
    with closing(filled(f"sqlite:///{tmp_path_factory.mktemp('scope') / 'closeread.db'}")) as store:
        yield store


@pytest.fixture(name="changing", scope="module")
def _changing(tmp_path_factory):
    """As `store`, for tests that change it."""
    with closing(filled(f"sqlite:///{tmp_path_factory.mktemp('changing') / 'closeread.db'}")) as store:
        yield store


# Reads that give each role what it covers: what they return for a scope, as the set of reps or ids that it tells of.
OWN = {
    "calls.get": lambda s: {c.rep for c in got(s[Calls].get, "Rae-1", "Sam-1")},
    "calls.all": lambda s: {c.rep for c in s[Calls].all()},
    "calls.about": lambda s: {c.rep for c in got(s[Calls].about, "Rae-1", "Sam-1")},
    "calls.page": lambda s: {c.rep for c in s[Calls].page()},
    "calls.found": lambda s: {c.rep for word in ("rae", "sam") for c in s[Calls].found(word, 10)},
    "calls.rows": lambda s: {c.rep for c in s[Calls].rows(["Rae-1", "Sam-1"]).values()},
    "ratings.calls_of_rounds": lambda s: {call[:3] for call in s[Ratings].calls_of_rounds()},
    "calls.places": lambda s: {c.rep for found in got(s[Calls].places, ["Rae-1"], ["Sam-1"]) for c in found},
    "calls.heard": lambda s: {ident[:3] for ident in s[Calls].heard()},
    "calls.lengths": lambda s: {ident[:3] for ident in s[Calls].lengths(["Rae-1", "Sam-1"])},
    "calls.placed": lambda s: {ident[:3] for ident in s[Calls].placed()},
    "calls.in_turn": lambda s: {ident[:3] for ident in s[Calls].in_turn(10)},
    "calls.naming": lambda s: {ident[:3] for name in ("rae", "sam") for ident in s[Calls].naming(name, "rep")},
    "calls.count": lambda s: {s[Calls].count()},
    "calls.reps": lambda s: set(s[Calls].reps()),
    "ratings.current": lambda s: {r.call[:3] for r in s[Ratings].current()},
    "ratings.look": lambda s: {r.call[:3] for r in s[Ratings].look().ratings},
    "ratings.page": lambda s: {r.rep for r in s[Ratings].page().rows},
    "ratings.get": lambda s: {
        r.call[:3] for r in got(s[Ratings].get, rating("Rae-1", "ops").id, rating("Sam-1", "ops").id)
    },
    "ratings.rated_calls": lambda s: {c[:3] for c in s[Ratings].rated_calls(MADE_WITH)},
    "ratings.unrated_calls": lambda s: {c[:3] for c in s[Ratings].unrated_calls(MadeWith(RUBRIC.id, "other", "m", 0))},
    "ratings.current_status": lambda s: {c[:3] for c in ("Rae-1", "Sam-1") if s[Ratings].current_status(c, MADE_WITH)},
    "ratings.blind_calls": lambda s: {c[:3] for c in s[Ratings].blind_calls(viewer="ben")},
    "ratings.judged_until": lambda s: {
        c[:3] for c, _ in s[Ratings].judged_until(RUBRIC.id, datetime.now(UTC), ["Rae-1", "Sam-1"])
    },
    "ratings.which_have_one": lambda s: {call[:3] for call in s[Ratings].which_have_one(RUBRIC.id, ["Rae-1", "Sam-1"])},
    "ratings.outcomes": lambda s: {c[:3] for c in ("Rae-1", "Sam-1") if s[Ratings].outcomes(RUBRIC.id, c)},
    "ratings.that_count": lambda s: {one.rating.call[:3] for one in s[Ratings].that_count(RUBRIC.id)},
    "counting.reps": lambda s: set(s[Counting].reps(RUBRIC)),
    "counting.calls": lambda s: {call[:3] for call in s[Counting].calls(RUBRIC).calls},
    "counting.days": lambda s: set(s[Counting].days(RUBRIC).reps),
    "counting.windows": lambda s: windowed(s),
    "counting.calls_of": lambda s: {rep for rep in ("Rae", "Sam") if s[Counting].calls_of(RUBRIC, rep)},
    "imported_ratings.known_calls": lambda s: {c.rep for c in s[ImportedRatings].known_calls().values()} - {""},
    "reviews.page": lambda s: {r.rep for r in refreshed(s).page()},
    "disputes.get": lambda s: {d.dispute.rep for d in got(s[Disputes].get, "di-Rae", "di-Sam")},
    "disputes.page": lambda s: {d.dispute.rep for d in s[Disputes].page().rows},
    "disputes.answered": lambda s: {d.dispute.rep for d in s[Disputes].answered()},
    "disputes.of_ratings": lambda s: {
        d.dispute.rep for d in s[Disputes].of_ratings([rating("Rae-1", "ops").id, rating("Sam-1", "ops").id]).values()
    },
    "deals.all": lambda s: {d.rep for d in s[Deals].all()},
    "deals.reps": lambda s: set(s[Deals].reps()),
    "counting.stages": lambda s: {call[:3] for call in s[Counting].stages()},
    "calls.facts": lambda s: {one.rep for one in s[Calls].facts(["Rae-1", "Sam-1"]).values()},
    "coaching.newest_plans": lambda s: set(s[Coaching].newest_plans(["Rae", "Sam"])),
    "coaching_periods.all": lambda s: {p.rep for p in s[CoachingPeriods].all()},
    "coaching.sessions": lambda s: (
        {p.rep for p in s[Coaching].sessions()} | {p.rep for p in s[Coaching].sessions("Sam")}
    ),
    "coaching.plan_of": lambda s: {p.who for p in map(s[Coaching].plan_of, ("Rae", "Sam")) if p},
    "baselines.current": lambda s: {b.rep for b in s[Baselines].current(RUBRIC.id)},
}
# Reads of which a scope for one rep gives nothing at all, or NotFound.
TEAM_EMPTY = {
    "interviews.get": lambda s: got(s[Interviews].get, "int-1"),
    "interviews.all": lambda s: s[Interviews].all(),
    "interviews.lengths": lambda s: s[Interviews].lengths(["int-1"]),
    "interviews.heard": lambda s: s[Interviews].heard(),
    "interviews.naming": lambda s: s[Interviews].naming("bo", "buyer"),
    "interviews.reps": lambda s: s[Interviews].reps(),
    "rounds.get": lambda s: got(s[Rounds].get, "1"),
    "rounds.all": lambda s: s[Rounds].all(),
    "rounds.used_calls": lambda s: s[Rounds].used_calls(),
    "rounds.log": lambda s: s[Rounds].log(),
    "overview.interviews": lambda s: s[Overview].interviews(),
    "overview.raters": lambda s: s[Overview].raters(),
    "overview.rated": lambda s: s[Overview].rated(RUBRIC.id),
}
# The same, where the filled store holds nothing either: for a rep they are empty whatever there is.
TEAM_EMPTY_UNFILLED = {
    "extractions.history": lambda s: s[Extractions].history(),
    "overview.unrated": lambda s: s[Overview].unrated(RUBRIC.id),
    "calls.with_open_sides": lambda s: s[Calls].with_open_sides(),
    "calls.reworded_since": lambda s: s[Calls].reworded_since(["Sam-1"], datetime(2020, 1, 1, tzinfo=UTC)),
    "interviews.reworded_since": lambda s: s[Interviews].reworded_since(["int-1"], datetime(2020, 1, 1, tzinfo=UTC)),
    "calls.versions": lambda s: s[Calls].versions("Sam-1"),
    "interviews.versions": lambda s: s[Interviews].versions("int-1"),
    "extractions.newest": lambda s: got(lambda _: s[Extractions].newest(), ""),
    "rounds.adjudications": lambda s: s[Rounds].adjudications(ROUND),
    "pattern_edits.of": lambda s: s[PatternEdits].of("cb-x"),
    "rubric_drafts.all": lambda s: s[RubricDrafts].all(),
    "rubric_drafts.of": lambda s: s[RubricDrafts].of(RUBRIC.id),
    "ratings.of_round": lambda s: s[Ratings].of_round(ROUND.id, viewer="").ratings,
    "ratings.said_in_rounds": lambda s: s[Ratings].said_in_rounds([ROUND.id])[ROUND.id],
    "overview.newest_extraction": lambda s: s[Overview].newest_extraction(),
    "overview.open_disputes": lambda s: s[Overview].open_disputes(),
    "overview.open_interviews": lambda s: s[Overview].open_interviews(),
    "people.leads": lambda s: s[People].leads(),
}
# Reads that a scope for one rep is refused.
TEAM_FORBIDDEN = {
    "ledger.totals": lambda s: s[SqlLedger].totals(),
    "ledger.booked": lambda s: s[SqlLedger].booked(),
    "ledger.spent_usd": lambda s: s[SqlLedger].spent_usd(),
    "rounds.next_number": lambda s: s[Rounds].next_number(),
    "rounds.drafted": lambda s: s[Rounds].drafted(ROUND),
    "rounds.check_open": lambda s: s[Rounds].check_open(ROUND, "manager-person"),
    "scoring_rules.all": lambda s: s[ScoringRules].all(),
    "scoring_rules.get": lambda s: s[ScoringRules].get("r"),
    "scoring_rules.newest_job": lambda s: s[ScoringRules].newest_job(RULE),
    "scoring_rules.spent_usd": lambda s: s[ScoringRules].spent_usd(RULE, AT),
    "jobs.get": lambda s: s[Jobs].get("job-x"),
    "jobs.list": lambda s: s[Jobs].list(),
    "jobs.live": lambda s: s[Jobs].live(),
    "jobs.progress": lambda s: s[Jobs].progress("job-x"),
    "jobs.dead_letters": lambda s: s[Jobs].dead_letters(),
    "jobs.waiting_and_settled": lambda s: s[Jobs].waiting_and_settled(),
    "jobs.calls": lambda s: s[Jobs].calls("job-x"),
}
# Reads that tell everybody the same: what people are rated on, and names of what was used.
EVERYBODY = {
    "rubrics.get", "rubrics.all", "rubrics.newest", "rubric_states.of", "rubric_states.history", "calls.stages", "ratings.failed_ids",
    "counting.rated_rubrics", "counting.as_of", "counting.mark", "ratings.made_with", "ratings.repeated",
    "ratings.other_servers", "extractions.exist", "rubric_states.marks",
    "people.exist",
}  # fmt: skip
# Changes, by who may make them under the own name.
RATE = {
    "coaching_periods.remove": lambda s: s[CoachingPeriods].remove("Rae", "none of that name"),
    "rubric_states.follow": lambda s: s[RubricStates].follow(RubricState(rubric=RUBRIC.id, state="draft", at=AT)),
    "ratings.supersede": lambda s: s[Ratings].supersede(
        rating("Rae-1", s.scope.name).model_copy(update={"supersedes": rating("Rae-1", "ops").id})
    ),
    "disputes.answer": lambda s: s[Disputes].answer(
        DisputeAnswer(dispute="di-x", verdict="declined", by=s.scope.name, reason="r", at=AT)
    ),
    "disputes.assign": lambda s: s[Disputes].assign("di-x", "", s.scope.name, AT),
    "ratings.add": lambda s: s[Ratings].add([rating("Rae-1", s.scope.name)]),
    "ratings.add_if": lambda s: s[Ratings].add_if(lambda _: True, [rating("Rae-1", s.scope.name)]),
    "rounds.save": lambda s: s[Rounds].save(ROUND, s.scope.name, []),
    "rounds.submit": lambda s: s[Rounds].submit(ROUND, s.scope.name, ["asks_cost"], AT),
    "rounds.correct": lambda s: s[Rounds].correct(ROUND, rating("Rae-2", s.scope.name)),
    "rounds.adjudicate": lambda s: s[Rounds].adjudicate(ROUND, decision(s.scope.name)),
    "coaching_periods.add": lambda s: s[CoachingPeriods].add([]),
    "coaching.log": lambda s: s[Coaching].log(Session(rep="Rae", date=DAY, at=AT)),
    "coaching.add_plan": lambda s: s[Coaching].add_plan(plan("Rae", (moment("Rae"), moment("Sam")))),
    "baselines.add": lambda s: s[Baselines].add([]),
    "ledger.record": lambda s: s[SqlLedger].record(entry()),
}
RUN = {
    "sources.add": lambda s: s[Sources].add(Source("zoom", "call", "/in", s.scope.name, AT.isoformat())),
    "sources.all": lambda s: s[Sources].all(),
    "sources.get": lambda s: s[Sources].get("zoom"),
    "sources.known": lambda s: s[Sources].known("zoom", {}),
    "sources.keep": lambda s: s[Sources].keep("zoom", {}),
    "sources.claim": lambda s: s[Sources].claim("zoom", ""),
    "sources.looked": lambda s: s[Sources].looked("zoom", ""),
    "sources.remove": lambda s: s[Sources].remove("zoom"),
    "calls.prints": lambda s: s[Calls].prints(),
    "calls.reword": lambda s: s[Calls].reword("Rae-1", call("Rae-1", "Rae").transcript, ""),
    "calls.words_before": lambda s: s[Calls].words_before("Rae-1"),
    "interviews.prints": lambda s: s[Interviews].prints(),
    "interviews.reword": lambda s: s[Interviews].reword("int-1", interview().transcript, ""),
    "interviews.words_before": lambda s: s[Interviews].words_before("int-1"),
    "uploads.preview": lambda s: s[Uploads].preview("up-x"),
    "names.known": lambda s: s[Names].known("rep"),
    "names.all": lambda s: s[Names].all("rep"),
    "names.now": lambda s: s[Names].now("rep"),
    "names.history": lambda s: s[Names].history(),
    "names.change": lambda s: s[Names].change("rep", "Rae", "Ray", ""),
    "names.undo": lambda s: s[Names].undo(1),
    "corrections.hanging": lambda s: s[Corrections].hanging("call", "Rae-1"),
    "corrections.quotes": lambda s: s[Corrections].quotes("call", "Rae-1"),
    "corrections.hangings": lambda s: s[Corrections].hangings("call", ["Rae-1"]),
    "corrections.remove": lambda s: s[Corrections].remove("call", "Rae-1", along=False),
    "calls.add": lambda s: s[Calls].add(call("Rae-1", "Rae")),
    "interviews.add": lambda s: s[Interviews].add(interview()),
    "extractions.add": lambda s: s[Extractions].add(None),
    "rubrics.add": lambda s: s[Rubrics].add(RUBRIC),
    "pattern_edits.add": lambda s: s[PatternEdits].add("ps-x", "cb-x", Renamed(pattern="p", name="n"), "", 0),
    "rubric_drafts.save": lambda s: s[RubricDrafts].save(RUBRIC.id, 9, WorkingCopy(), ""),
    "rubric_drafts.close": lambda s: s[RubricDrafts].close(RUBRIC.id, 9, ""),
    "rubric_states.set": lambda s: s[RubricStates].set(RubricState(rubric=RUBRIC.id, state="draft", at=AT)),
    "rounds.open": lambda s: s[Rounds].open(ROUND, {}),
    "rounds.plan": lambda s: s[Rounds].plan(ROUND, None, ""),
    "reminders.first": lambda s: s[Reminders].first(secrets.token_hex(4), DAY),
    "rounds.close": lambda s: s[Rounds].close(ROUND, s.scope.name),
    "deals.add": lambda s: s[Deals].add([]),
    "imported_ratings.add": lambda s: s[ImportedRatings].add([], [], "import:x", RUBRIC.id),
    "people.create": lambda s: s[People].create("n", "no address", "viewer"),
    "people.get": lambda s: s[People].get("pe-x"),
    "people.named": lambda s: s[People].named("x"),
    "people.of_subject": lambda s: s[People].of_subject("x"),
    "people.all": lambda s: s[People].all(),
    "people.credentials": lambda s: s[People].credentials("x"),
    "sessions.begin": lambda s: s[LiveSessions].begin("pe-x"),
    "sessions.whose": lambda s: s[LiveSessions].whose("x"),
    "sessions.end": lambda s: s[LiveSessions].end("x"),
    "people.set_password": lambda s: s[People].set_password("pe-x", "h"),
    "people.rehash": lambda s: s[People].rehash("pe-x", "h"),
    "people.change": lambda s: s[People].change("pe-x", "viewer"),
    "people.disable": lambda s: s[People].disable("pe-x"),
    "kept_filters.of": lambda s: s[KeptFiltersStore].of("pe-x"),
    "kept_filters.keep": lambda s: s[KeptFiltersStore].keep("pe-x", KeptFilters(name="n", filters=CallsShown())),
    "kept_filters.forget": lambda s: s[KeptFiltersStore].forget("pe-x", "n"),
    "people.choose_language": lambda s: s[People].choose_language("pe-x", "de"),
    "people.end_sessions": lambda s: s[People].end_sessions("pe-x"),
    "people.link_subject": lambda s: s[People].link_subject("pe-x", "i s"),
    "invitations.create": lambda s: s[Invitations].create(),
    "invitations.whose": lambda s: s[Invitations].whose("x"),
    "invitations.use": lambda s: s[Invitations].use("x"),
    "invitations.put_back": lambda s: s[Invitations].put_back("x"),
    "tokens.create": lambda s: s[Tokens].create("viewer"),
    "tokens.of_secret": lambda s: s[Tokens].of_secret("cr_x"),
    "tokens.get": lambda s: s[Tokens].get("to-x"),
    "tokens.all": lambda s: s[Tokens].all(),
    "tokens.revoke": lambda s: s[Tokens].revoke("to-x"),
    "audit.page": lambda s: s[AuditLog].page(),
    "audit.verify": lambda s: s[AuditLog].verify(),
    "audit.forget": lambda s: s[AuditLog].forget(["nobody"], person=s.scope.name),
    "uploads.begin": lambda s: s[Uploads].begin("call", s.scope.name, "a file"),
    "uploads.settle": lambda s: s[Uploads].settle("up-x", [], {}),
    "uploads.get": lambda s: s[Uploads].get("up-x"),
    "uploads.page": lambda s: s[Uploads].page(),
    "uploads.kept": lambda s: s[Uploads].kept("up-x"),
    "uploads.undo": lambda s: s[Uploads].undo("up-x"),
    "sign_in_failures.of": lambda s: s[SignInFailures].of("name:x"),
    "sign_in_failures.begin": lambda s: s[SignInFailures].begin({"name:x": 5}),
    "sign_in_failures.succeeded": lambda s: s[SignInFailures].succeeded("name:x", "address:x"),
    "idempotency.begin": lambda s: s[Idempotency].begin("o", "k", "r"),
    "idempotency.keep": lambda s: s[Idempotency].keep("o", "k", None),
    "idempotency.release": lambda s: s[Idempotency].release("o", "k"),
    "webhooks.create": lambda s: s[Webhooks].create("https://hooks.example.com/x", (), s.scope.name),
    "webhooks.get": lambda s: s[Webhooks].get("wh-x"),
    "webhooks.all": lambda s: s[Webhooks].all(),
    "webhooks.disable": lambda s: s[Webhooks].disable("wh-x"),
    "webhooks.deliveries": lambda s: s[Webhooks].deliveries("wh-x"),
    "webhooks.delivery": lambda s: s[Webhooks].delivery("wh-x", 1),
    "webhooks.redeliver": lambda s: s[Webhooks].redeliver("wh-x", 1),
    "webhooks.ping": lambda s: s[Webhooks].ping("wh-x"),
    "webhooks.wanting": lambda s: s[Webhooks].wanting("week.summary", "x"),
    "webhooks.publish_once": lambda s: s[Webhooks].publish_once("week.summary", "x", {}),
    "webhooks.claim": lambda s: s[Webhooks].claim(1, 60),
    "webhooks.delivered": lambda s: s[Webhooks].delivered(10**6),
    "webhooks.missed": lambda s: s[Webhooks].missed(10**6, "", AT),
    "webhooks.hold": lambda s: s[Webhooks].hold("wh-x", AT),
    "jobs.create": lambda s: s[Jobs].create("score", {}, s.scope.name),
    "scoring_rules.add": lambda s: s[ScoringRules].add(NewRule(name=secrets.token_hex(4)), s.scope.name),
    "scoring_rules.switch": lambda s: s[ScoringRules].switch("sr-x", True),
    "scoring_rules.remove": lambda s: s[ScoringRules].remove("sr-x"),
    "scoring_rules.claim": lambda s: s[ScoringRules].claim("sr-x", AT, AT),
    "scoring_rules.ran": lambda s: s[ScoringRules].ran("sr-x", "", None),
    "scoring_rules.fitting": lambda s: s[ScoringRules].fitting(RULE, ()),
    "jobs.cancel": lambda s: s[Jobs].cancel("job-x", s.scope.name),
    "jobs.resume": lambda s: s[Jobs].resume("job-x"),
    "retention.requests": lambda s: s[Retention].requests(["call-1"]),
    "recordings.keep": lambda s: s[Recordings].keep(None, None, "x"),
    "recordings.drop_older": lambda s: s[Recordings].drop_older(90),
    "retention.ids_telling_of": lambda s: s[Retention].ids_telling_of("nobody"),
    "retention.forget": lambda s: s[Retention].forget("nobody"),
    "retention.plan": lambda s: s[Retention].plan(Chosen(rep="nobody")),
    "retention.remove": lambda s: s[Retention].remove(Removal((), (), (), 0, 0, 0, ())),
    "jobs.retry": lambda s: s[Jobs].retry(Store(s.engine, Scope.everything())[Jobs].list()[0].id),
}
# With tests of their own below or elsewhere.
OTHERWISE = {
    "disputes.open_ones": "as `page`, which it calls",
    "people.seen": "notes a moment of a person that was found already; refused like every change of people",
    "rounds.drafts": "test_drafts_are_read_under_the_own_name_only",
    "retention.close_gaps": "gives back freed pages of the file: nothing is read or changed",
    "audit.append_once": "as `append`, which it calls",
    "audit.append": "test_everybody_who_may_change_something_writes_in_the_log_under_the_own_name",
    "counting.ends": "test_counts_are_of_the_own_for_a_rep",
    "calls.of_deals": "as calls.facts: the same condition, asked by deal",
    "counting.deals": "as counting.stages: the same query of another column",
    "counting.uncounted": "test_counts_are_of_the_own_for_a_rep",
    "reviews.refresh": "writes what follows from stored ratings; tells a number of ratings",
    "reviews.counts": "test_a_rep_is_told_the_number_of_the_own",
    "disputes.counts": "test_a_rep_is_told_the_number_of_the_own",
    "disputes.open": "tests of disputes: only the rep of the call",
    "webhooks.publish": "writes for webhooks that whoever causes the event does not see",
    "ledger.within": "the same ledger in the same scope",
    "ledger.adding": "as `record`, which checks each entry, in another's transaction",
    "ledger.waiting": "the same ledger; its entries are checked as they are recorded (test below)",
    "overview.call_days": "test_counts_are_of_the_own_for_a_rep",
    "overview.deals": "test_counts_are_of_the_own_for_a_rep",
    "calls.known_as": "gives back the names asked for, or ids within the scope: test_a_files_name_stands_for_the_own",
    "interviews.known_as": "the same code as for calls",
    "ratings.count_unrated": "how many `unrated_calls` lists: the same query",
    "recordings.exist": "tells only whether there is any; the export of a person asks, which is for ops leads",
    "recordings.of": "asked with the transcripts of a document that its reader was given: tests/speech/test_player.py",
    "recordings.bytes_of": "asked with what `of` gave: tests/speech/test_player.py",
    "computed.get": "keys say for whom it was computed",
    "computed.newest": "kinds are figures of the whole team, which only routes for the team read",
    "computed.put": "keys say for whom it was computed",
}
# All steps of jobs go through one of two doors that ask the scope: see `test_jobs_have_two_doors`.
JOBS = {
    f"{collection}.{name}"
    for collection, kind in (("jobs", Jobs), ("job_work", JobWork))
    for name, _ in inspect.getmembers(kind, inspect.isfunction)
    if not name.startswith("_")
}
WORKER = JOBS - {*TEAM_FORBIDDEN, *RUN}


def decision(by):
    return Adjudication(
        round=ROUND.id, call="Rae-2", criterion="asks_cost", judgement=Rated(value=1), reason="r", by=by, at=AT
    )


def windowed(s):
    """The reps of whom calls are counted, in one window each that holds all days."""
    counted, _ = s[Counting].windows(RUBRIC, [(rep, date(2020, 1, 1), date(2040, 1, 1)) for rep in ("Rae", "Sam")])
    return {counted.reps[rep] for rep in counted.rep}


def refreshed(s):
    s[Reviews].refresh()
    return s[Reviews]


def got(read, *idents):
    found = []
    for ident in idents:
        with suppress(NotFound):
            found.append(read(ident))
    return found


NO_COLLECTION = ("Store", "Collection", "JobTables", "CallPlaces")  # the store itself, a protocol, a base, a part


def collections():
    """Every class of the package that a store can give: made from an engine and a scope."""
    for module in walk_packages(agent.__path__, "agent."):
        if not module.name.startswith("agent.db.migrations"):
            for kind in vars(import_module(module.name)).values():
                named = inspect.isclass(kind) and kind.__module__ == module.name and kind.__name__ not in NO_COLLECTION
                if named and list(inspect.signature(kind.__init__).parameters) == ["self", "engine", "scope"]:
                    yield kind


def test_every_method_of_every_collection_is_in_a_table():
    there = {
        f"{name}.{method}"
        for name, kind in ((NAMES[kind], kind) for kind in collections())
        for method, _ in inspect.getmembers(kind, inspect.isfunction)
        if not method.startswith("_")
    }
    listed = [*OWN, *TEAM_EMPTY, *TEAM_EMPTY_UNFILLED, *TEAM_FORBIDDEN, *EVERYBODY, *RATE, *RUN, *OTHERWISE, *WORKER]
    assert len(listed) == len(set(listed))
    assert there == set(listed)


def test_a_files_name_stands_for_the_own(tmp_path):
    engine = open_database(f"sqlite:///{tmp_path}/closeread.db")
    made = Store(engine, Scope.everything())
    for rep in ("Rae", "Sam"):
        made[Calls].add(call(f"id-{rep}", rep))
        with engine.begin() as connection:
            connection.execute(update(calls).where(calls.c.rep == rep).values(alias=f"{rep}-file"))
    for seen, told in ((made, "id-Sam"), (made.seen_by(scope("rep")), "Sam-file")):
        assert seen[Calls].known_as(["Rae-file", "Sam-file"]) == {"Rae-file": "id-Rae", "Sam-file": told}
    engine.dispose()


def test_counts_are_of_the_own_for_a_rep(store):
    for seen in (
        store,
        *(store.seen_by(scope(role)) for role in ROLES),
        *(store.seen_by(scope("rep", r)) for r in REPS),
    ):
        assert sum(seen[Overview].call_days().values()) == seen[Calls].count()
        assert seen[Overview].deals() == len(seen[Deals].all())
        days = seen[Counting].days(RUBRIC).day
        assert seen[Counting].ends(RUBRIC) == tuple(
            (date.fromordinal(int(day)) for day in (days.min(), days.max())) if len(days) else (None, None)
        )
        assert sum(one.calls for one in seen[Counting].uncounted(RUBRIC).blind) <= seen[Calls].count()


def test_jobs_have_two_doors():
    doors = {"_write": "check_run(self._scope", "_read": "check_team(self._scope"}
    for name, method in chain(*(inspect.getmembers(kind, inspect.isfunction) for kind in (Jobs, JobWork))):
        source = inspect.getsource(method)
        if name in doors:
            assert doors[name] in source
        else:
            assert name == "__init__" or "self._engine" not in source


@pytest.mark.parametrize("name", OWN)
def test_a_rep_gets_the_own_and_the_team_everything(store, name):
    everything = OWN[name](store)
    if name == "calls.count":
        assert [OWN[name](store.seen_by(scope("rep", rep))) for rep in REPS] == [{3}, {3}, {0}]
        assert everything == {7}
        return
    assert {"Rae", "Sam"} <= everything
    for role in ("ops_lead", "manager", "viewer"):
        assert {"Rae", "Sam"} <= OWN[name](store.seen_by(scope(role))), role
    for rep in REPS:
        assert OWN[name](store.seen_by(scope("rep", rep))) == ({rep} if rep else set())


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rep=st.sampled_from([*REPS, "rae", "Rae ", "%", "Nobody"]), name=st.sampled_from(sorted({*OWN} - {"calls.count"}))
)
def test_no_spelling_of_a_name_gives_a_rep_more_than_the_own(store, rep, name):
    assert OWN[name](store.seen_by(scope("rep", rep))) <= ({rep} if rep in ("Rae", "Sam") else set())


@pytest.mark.parametrize("name", {**TEAM_EMPTY, **TEAM_EMPTY_UNFILLED})
def test_a_rep_is_not_told_that_the_teams_work_exists(store, name):
    read = {**TEAM_EMPTY, **TEAM_EMPTY_UNFILLED}[name]
    assert not read(store.seen_by(scope("rep")))
    if name in TEAM_EMPTY:
        for role in ("ops_lead", "manager", "viewer"):
            assert read(store.seen_by(scope(role))), role


@pytest.mark.parametrize("name", TEAM_FORBIDDEN)
def test_a_rep_is_refused_the_teams_figures(store, name):
    with pytest.raises(Forbidden):
        TEAM_FORBIDDEN[name](store.seen_by(scope("rep")))
    for role in ("ops_lead", "manager", "viewer"):
        with suppress(NotFound):
            TEAM_FORBIDDEN[name](store.seen_by(scope(role)))


@pytest.mark.parametrize("name", {**RATE, **RUN})
def test_changes_are_for_those_who_may_make_them(changing, name):
    change = {**RATE, **RUN}[name]
    allowed = {"ops_lead", "manager"} if name in RATE else {"ops_lead"}
    for role in ROLES:
        scoped = changing.seen_by(scope(role))
        if role not in allowed:
            with pytest.raises(Forbidden):
                change(scoped)
        else:
            try:
                change(scoped)
            except Forbidden as error:
                raise AssertionError(role) from error
            except (CloseReadError, AttributeError):
                continue  # it was let through, and there was nothing to do


@pytest.mark.parametrize("role", ["manager", "ops_lead"])
def test_nobody_rates_under_another_name(store, role):
    scoped = store.seen_by(scope(role))
    for rater in ("ben", "", f"{role}-PERSON"):
        with pytest.raises(Forbidden):
            scoped[Ratings].add([rating("Rae-1", rater)])
        with pytest.raises(Forbidden):
            scoped[Rounds].save(ROUND, rater, [])
        with pytest.raises(Forbidden):
            scoped[Rounds].submit(ROUND, rater, [], AT)
        with pytest.raises(Forbidden):
            scoped[Rounds].adjudicate(ROUND, decision(rater or "x"))


def test_a_token_without_a_person_rates_as_nobody(store):
    nameless = store.seen_by(Scope(role="manager"))
    for rater in ("", "ben"):
        with pytest.raises(Forbidden):
            nameless[Ratings].add([rating("Rae-1", rater)])


def test_a_manager_adds_no_ratings_by_models_or_imports(store):
    for rater in ("model:m", "model", "import:x"):
        with pytest.raises(Forbidden):
            store.seen_by(scope("manager"))[Ratings].add([rating("Rae-1", rater)])


def test_drafts_are_read_under_the_own_name_only(store):
    manager = store.seen_by(scope("manager"))
    manager[Rounds].save(
        ROUND, "manager-person", [Draft(call="Rae-2", criterion="asks_cost", judgement=Rated(value=0))]
    )
    assert len(manager[Rounds].drafts(ROUND, "manager-person")) == 1
    with pytest.raises(Forbidden):
        manager[Rounds].drafts(ROUND, "ben")
    with pytest.raises(Forbidden):
        store.seen_by(scope("ops_lead"))[Rounds].drafts(ROUND, "manager-person")


LOOKS = {
    "current": lambda s, viewer: {(r.call, r.rater) for r in s[Ratings].current(viewer=viewer)},
    "page": lambda s, viewer: {(r.call, r.rater) for r in s[Ratings].page(viewer=viewer).rows},
    "list": lambda s, viewer: {(c.id, c.ratings) for c in s[Calls].page(viewer=viewer)},
    "blind": lambda s, viewer: s[Ratings].blind_calls(viewer=viewer),
}


@pytest.mark.parametrize("look", LOOKS)
def test_nobody_who_signed_in_looks_as_somebody_else(tmp_path, look):
    store = filled(f"sqlite:///{tmp_path / 'closeread.db'}")
    ben = store.seen_by(Scope(name="ben", role="manager"))
    ben[Rounds].save(
        ROUND, "ben", [Draft(call=c, criterion="asks_cost", judgement=Rated(value=1)) for c in ROUND.calls]
    )
    ben[Rounds].submit(ROUND, "ben", ["asks_cost"], AT)
    own, other = (LOOKS[look](store.seen_by(Scope(name=n, role="manager")), n) for n in ("ben", "manager-person"))
    assert own != other
    waiting = store.seen_by(Scope(name="manager-person", role="manager"))
    assert LOOKS[look](waiting, "ben") == LOOKS[look](waiting, "") == other
    store.close()


def test_a_rep_is_not_told_of_rounds_by_what_is_withheld(store):
    rep = store.seen_by(scope("rep"))
    for withheld in (*rep[Ratings].look().withheld, *rep[Ratings].page().withheld):
        assert "round" not in str(withheld)
        assert "ben" not in str(withheld)
        assert withheld.ratings
    assert rep[Ratings].look().withheld


def test_a_rep_is_told_the_number_of_the_own(store):
    refreshed(store)
    own, nameless, team = store.seen_by(scope("rep")), store.seen_by(scope("rep", "")), store.seen_by(scope("viewer"))
    assert [s[Reviews].counts().differ for s in (own, nameless, team)] == [1, 0, 2]
    assert [sum(c.declined for c in s[Disputes].counts()) for s in (own, nameless, team)] == [1, 0, 2]


def test_a_reps_plan_shows_no_moment_of_another_rep(store):
    moments = store.seen_by(scope("rep"))[Coaching].plan_of("Rae").criteria[0].moments
    assert {m.rep for m in moments} == {"Rae"}
    assert {m.rep for m in store[Coaching].plan_of("Rae").criteria[0].moments} == {"Rae", "Sam"}


def test_everybody_who_may_change_something_writes_in_the_log_under_the_own_name(store):
    for role in ("ops_lead", "manager", "rep"):
        store.seen_by(scope(role))[AuditLog].append("disputed", "ra-1")
        with pytest.raises(Forbidden):
            store.seen_by(scope(role))[AuditLog].append("disputed", "ra-1", person="somebody else")
    with pytest.raises(Forbidden):
        store.seen_by(scope("viewer"))[AuditLog].append("disputed", "ra-1")
    assert {e.person for e in store[AuditLog].page(subject="ra-1")} == {
        "ops_lead-person",
        "manager-person",
        "rep-person",
    }


def test_pages_go_through_all_calls_once_and_in_order(tmp_path):
    store = Store.open(f"sqlite:///{tmp_path / 'closeread.db'}")
    for at in range(23):
        made = call(f"call-{at:02}", ("Rae", "Sam")[at % 2])
        store[Calls].add(made.model_copy(update={"date": DAY + timedelta(days=at // 3)}))
    for scoped in (store, store.seen_by(scope("rep", "Sam"))):
        seen, after = [], None
        while page := scoped[Calls].page(after=after, limit=4):
            seen += page
            after = page[-1].position
        assert seen == sorted(seen, key=lambda row: row.position, reverse=True)
        assert [row.id for row in seen] == [row.id for row in scoped[Calls].page(limit=100)]
    assert len(seen) == 11
    store.close()


def test_entries_that_wait_are_checked_as_they_are_recorded(store):
    with pytest.raises(Forbidden):
        store.seen_by(scope("rep"))[SqlLedger].waiting().record(entry())
