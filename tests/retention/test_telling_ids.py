"""Ids that tell of somebody (given by hand, or by an earlier program) are planted in every table that can hold one; after
a removal no byte of the workspace has the name, and everything still hangs together."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, select

from agent.calibration.model import Adjudication, CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.model import Deal
from agent.calls.store import Calls
from agent.coaching.model import CoachingPlan, PlannedCriterion
from agent.coaching.store import Coaching
from agent.core.transcript import Quote, Span
from agent.db import schema
from agent.db.audit import AuditLog
from agent.db.schema_jobs import job_calls, jobs
from agent.db.schema_reviews import review_queue
from agent.db.schema_server import computed, deliveries, idempotency, pattern_edits, rubric_drafts, uploads, webhooks
from agent.disputes.model import Dispute, DisputeAnswer
from agent.disputes.store import Disputes
from agent.interviews.store import Interviews
from agent.llm.spending import Entry, Usage
from agent.outcomes.store import Deals
from agent.patterns.edits import edited
from agent.patterns.model import Extraction, Resettled, Split
from agent.patterns.store import Extractions, PatternEdits
from agent.people.names import Names
from agent.profiles.model import Baseline, CoachMoment
from agent.profiles.store import Baselines
from agent.ratings.model import Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.retention import verbs
from agent.retention.model import Chosen
from agent.rubrics.model import Example
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.uploads.store import Uploads
from agent.workspace import Workspace
from tests.builders import call, criterion, interview, rubric
from tests.patterns.made import COST, LOST, WON, extraction
from tests.retention.test_every_byte import holding, lead, tables_with

AT = datetime(2026, 11, 1, tzinfo=UTC)
CUSTOMER, ACCOUNT, REP = "Quenby Vossler", "Brockelmann Glass", "Zebulon Yarrow"
CALL, ASKED, DEAL, BY_REP = "vossler-demo-1", "int_brockelmann_1", "BROCKELMANN-renewal", "yarrow_zeb-2"
QUOTE = Quote(span=Span(turn=1, start=0, end=5), speaker="Cus", text="About")
# Tables that hold no id of a call, interview or deal.
WITHOUT = {
    *("transcripts", "word_prints", "rubric_states", "round_submissions", "round_ratings", "coaching", "people"),
    *("tokens", "sessions", "invitations", "sign_in_failures", "audit_head", "dispute_answers", "dispute_assignments"),
    *(
        "reminders",
        "webhooks",
        "kept_filters",
        "scoring_rules",
        "job_batches",
        "paces",
        "review_mark",
        "sources",
        "source_files",
    ),
    *("alembic_version", "coaching_sessions", "recordings", "recording_pieces"),
}


def rated(ident, rubric_id, rater):
    judgement = Rated(value=1, quotes=(QUOTE,))
    made = Provenance(rubric=rubric_id, request="rq")
    return Rating(call=ident, criterion="asks_cost", rater=rater, judgement=judgement, provenance=made, at=AT)


@pytest.fixture(name="space")
def _space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    planted(space)
    yield space
    space.cache.close()
    space.store.close()


def planted(space):
    """Such ids wherever one can stand."""
    _facts(space)
    _judged(space)
    _planned(space)
    _read(space)
    _rows(space.store.engine)


def _facts(space):
    store = space.store
    about = {"customer": CUSTOMER, "account": ACCOUNT, "deal": DEAL}
    lines = (("Somebody Else", "What does it cost?"), ("Cus", "About nine."), ("Somebody Else", "Well."))
    store[Calls].add(call(CALL, "Somebody Else", *lines).model_copy(update=about))
    store[Calls].add(call(BY_REP, REP))
    store[Calls].add(call("call-8", "Somebody Else", *lines[:2]).model_copy(update={"customer": "Ann Other"}))
    store[Calls].reword(CALL, call(CALL, "Somebody Else", *lines).transcript, "Lena Lead")
    opened = {"rep": "Somebody Else", "opened": date(2026, 9, 1), "outcome": "open"}
    store[Deals].add([Deal(id=DEAL, **opened), Deal(id="D-1", **opened)])
    with store.engine.begin() as connection:
        words = {
            "kind": "calls",
            "document": CALL,
            "before": "tr-x",
            "roles": "{}",
            "same_words": 1,
            "by": "x",
            "at": AT.isoformat(),
        }
        connection.execute(insert(schema.word_versions).values(words))
        connection.execute(insert(schema.word_versions).values(words | {"kind": "interviews", "document": ASKED}))


def _judged(space):
    store = space.store
    example = Example(kind="present", text=QUOTE.text, source=CALL, quote=QUOTE)
    kept = Example(kind="present", text="Well.", source=BY_REP)
    new = rubric(criterion(examples=(example, kept)), label="with examples")
    store[Rubrics].add(new)
    opened = CalibrationRound(number=1, rubric=new.id, raters=("Ana", "Ben"), calls=(CALL, BY_REP), opened_at=AT)
    found = store[Rounds].open(opened, {})
    store[Rounds].close(found, "Lena Lead", "over")
    told = {
        "round": found.id,
        "criterion": "asks_cost",
        "judgement": Rated(value=1),
        "reason": "x",
        "by": "Lena",
        "at": AT,
    }
    first, second = rated(CALL, new.id, "Ana"), rated(BY_REP, new.id, "Ana")
    store[Ratings].add([first, second])
    with store.engine.begin() as connection:
        for ident in (CALL, BY_REP):
            body = Adjudication(call=ident, **told).model_dump_json()
            connection.execute(insert(schema.adjudications).values(round=found.id, body=body))
            event = {"kind": "corrected", "call": ident, "criterion": "asks_cost"}
            log = {"round": found.id, "by": "Ana", "at": AT.isoformat(), "event": event}
            row = {"round": found.id, "kind": "corrected", "at": AT.isoformat(), "body": json.dumps(log)}
            connection.execute(insert(schema.round_log).values(row))
            draft = {"round": found.id, "rater": "Ben", "call": ident, "criterion": "asks_cost", "body": "{}"}
            connection.execute(insert(schema.round_drafts).values(draft))
            queue = {"call": ident, "criterion": "asks_cost", "rubric": new.id, "rank": 1, "seq": 1}
            connection.execute(insert(review_queue).values(queue))
    for number, (rating, rep) in enumerate(((first, "Somebody Else"), (second, REP))):
        facts = {"rating": rating.id, "call": rating.call, "criterion": "asks_cost", "rep": rep, "by": rep, "at": AT}
        store[Disputes].open(Dispute(id=f"di-{number}", comment="no", **facts))
        store[Disputes].answer(DisputeAnswer(dispute=f"di-{number}", verdict="declined", by="A", reason="r", at=AT))


def _planned(space):
    store, rubric_id = space.store, space.store[Rubrics].get("with examples").id
    days = {"start": date(2026, 9, 1), "end": date(2026, 10, 30), "available": 2, "wanted": 2, "at": AT}
    store[Baselines].add([Baseline(rep="Somebody Else", rubric=rubric_id, calls=(CALL, BY_REP), **days)])
    moments = tuple(
        CoachMoment(kind="missed", rep=REP, call=ident, date=date(2026, 10, 2), passage=None, why="w")
        for ident in (CALL, BY_REP)
    )
    planned = PlannedCriterion(criterion="asks_cost", name="n", description="d", reason="r", moments=moments)
    store[Coaching].add_plan(CoachingPlan(who="Somebody Else", rubric=rubric_id, criteria=(planned,), at=AT))
    for ident in (CALL, ASKED, BY_REP, DEAL):
        store[AuditLog].append("looked", ident, person="Ana")
        store[AuditLog].append("looked", "x", person="Ana", call=ident)
    store[AuditLog].append("looked", "call-8", person="Ana")


def _read(space):
    """An extraction over interviews one of which has such an id, with a pattern that was split by hand."""
    store = space.store
    body = extraction(1).model_dump_json().replace('"won-1"', json.dumps(ASKED))
    found = Extraction.model_validate_json(body)
    # Ids inside it are made of content: the codebook names its notes by them.
    notes = tuple(o.id for o in found.observations)
    entries = tuple(
        e.model_copy(update={"observations": notes if e.observations else ()}) for e in found.codebook.entries
    )
    found = found.model_copy(update={"codebook": found.codebook.model_copy(update={"entries": entries})})
    for ident in [ASKED, *WON[1:], *LOST]:
        document = interview(ident, "lost" if ident in LOST else "won", COST, "He sent the standard brochure.")
        store[Interviews].add(
            document.model_copy(update={"buyer": CUSTOMER, "account": ACCOUNT} if ident == ASKED else {})
        )
    store[Extractions].add(found)
    mine = next(o.id for o in found.observations if o.interview == ASKED)
    settled = (Resettled(interview=ASKED, stays=False, goes=True),)
    change = Split(
        pattern="asked_cost", into="asked_more", name="n", behavior="b", observations=(mine,), settled=settled
    )
    store[PatternEdits].add(found.patterns.id, found.codebook.id, change, "Lena Lead", 0)
    store[Names].change("buyer", CUSTOMER, "Q. Vossler", "Lena Lead")
    store[Names].change("buyer", "Q. Vossler", CUSTOMER, "Lena Lead")


def _rows(engine):
    at, rows = AT.isoformat(), []
    for number, (kind, ident) in enumerate(
        (("call", CALL), ("ratings", CALL), ("interview", ASKED), ("deals", DEAL), ("call", BY_REP))
    ):
        before = json.dumps({"id": ident, "rep": "Somebody Else", "deal": DEAL if ident == CALL else ""})
        body = {
            "documents": [{"id": ident, "how": "new", "file": "" if kind == "deals" else f"{ident}.txt"}],
            "counts": {},
            "source": "s",
            "before": {ident: before},
        }
        upload = {"id": f"up-{number}", "kind": kind, "by": "Ana", "at": at, "undone": "", "body": json.dumps(body)}
        rows += [(uploads, upload)]
        rows += [(schema.metadata.tables["upload_documents"], {"upload": f"up-{number}", "document": ident})]
    rows.append(
        (
            webhooks,
            {"id": "wh", "url": "https://x.example", "secret": "s", "events": "", "by": "A", "at": at, "disabled": ""},
        )
    )
    job = {
        "id": "job-9",
        "kind": "score",
        "state": "done",
        "priority": 100,
        "by": "A",
        "at": at,
        "started": "",
        "ended": "",
        "reason": "",
    }
    rows.append((jobs, job | {"body": json.dumps({"params": {"calls": [CALL, BY_REP], "rubric": "ru"}, "calls": 2})}))
    for ident in (CALL, BY_REP):
        state = {"job": "job-9", "call": ident, "chunk": 0, "state": "failed", "attempts": 1, "at": at, "reason": "r"}
        named = {"call": ident, "external_id": f"{ident}.txt"}
        told = {"subject": ident, "event": "call.scored", "data": named}
        sent = {
            "webhook": "wh",
            "event": "call.scored",
            "state": "delivered",
            "attempts": 1,
            "due": at,
            "at": at,
            "reason": "",
        }
        rows += [(job_calls, state), (deliveries, sent | {"body": json.dumps(told)})]
        rows.append(
            (
                idempotency,
                {"owner": ident, "key": "k", "request": "r", "status": 200, "headers": "{}", "at": at, "body": ident},
            )
        )
        rows.append((computed, {"kind": "k", "key": ident, "at": at, "body": json.dumps([ident])}))
    draft = {
        "criteria": [
            {
                "id": "a",
                "examples": [
                    {"kind": "present", "source": BY_REP, "text": "Well."},
                    {"kind": "present", "source": CALL, "text": "x"},
                ],
            }
        ]
    }
    rows.append((rubric_drafts, {"id": "x", "base": "", "version": 1, "by": "A", "at": at, "body": json.dumps(draft)}))
    with engine.begin() as connection:
        for table, row in rows:
            connection.execute(insert(table).values(**row))
    from agent.core.people import Scope
    from agent.db.ledger import SqlLedger

    asked = Usage(input_tokens=1, output_tokens=1)
    for subject in (CALL, f"{ASKED} pricing", BY_REP):
        entry = {"at": AT, "request": "rq", "role": "rater", "prompt": "p@1", "subject": subject, "model": "m"}
        SqlLedger(engine, Scope.everything()).record(
            Entry(**entry, source="provider", usage=asked, usd=None, seconds=None, attempts=1)
        )


def judged(space):
    return sorted((r.id, r.criterion, r.rater, r.judgement.value) for r in space.store[Ratings].current())


def test_every_table_that_can_hold_an_id_is_planted(space):
    with_ids = tables_with(space, "vossler") | tables_with(space, "brockelmann") | tables_with(space, "BROCKELMANN")
    assert {*schema.metadata.tables, "alembic_version"} - WITHOUT <= with_ids


def test_a_customer_in_ids_is_in_no_byte_and_all_hangs_together(space):
    before, figures = judged(space), [p.won.count for p in _patterns(space)]
    store = space.store
    rounds, plans = [r.id for r in store[Rounds].all()], store[Coaching].plan_of("Somebody Else").id
    verbs.remove(lead(space), Chosen(customer=CUSTOMER))
    told = ("vossler", "brockelmann", "Vossler", "Brockelmann", "BROCKELMANN")
    assert [(name, found) for name in told if (found := tables_with(space, name))] == []
    assert holding(space, *told) == []
    (hidden,) = [row.id for row in store[Calls].page(limit=10) if row.id.startswith("re-")]
    assert judged(space) == before
    assert {r.call for r in store[Ratings].current()} == {hidden, BY_REP}
    assert [r.id for r in store[Rounds].all()] == rounds
    assert store[Rounds].all()[0].calls == (hidden, BY_REP)
    assert store[Coaching].plan_of("Somebody Else").id == plans
    assert {m.call for c in store[Coaching].plan_of("Somebody Else").criteria for m in c.moments} == {hidden, BY_REP}
    assert set(store[Baselines].current(store[Rubrics].get("with examples").id)[0].calls) == {hidden, BY_REP}
    assert store[Calls].about(hidden).deal in {deal.id for deal in store[Deals].all()}
    assert [p.won.count for p in _patterns(space)] == figures
    assert store[AuditLog].verify().wrong == 0
    assert [line.subject for line in store[AuditLog].page() if line.action == "looked"].count("call-8") == 1
    with store.engine.connect() as connection:
        assert connection.exec_driver_sql("PRAGMA foreign_key_check").all() == []
    assert {one.id for one in store[Uploads].get("up-0").documents} == {hidden}


def test_a_colleague_in_ids_is_in_no_byte(space):
    before = judged(space)
    verbs.remove_person(lead(space), REP)
    told = ("yarrow", "Yarrow", "Zebulon")
    assert [(name, found) for name in told if (found := tables_with(space, name))] == []
    assert holding(space, *told) == []
    assert judged(space) == before
    (hidden,) = [row.id for row in space.store[Calls].page(limit=10) if row.id.startswith("re-")]
    assert space.store[Calls].get(hidden).rep == "Former colleague 1"
    assert {r.call for r in space.store[Ratings].current()} == {hidden, CALL}
    assert space.store[AuditLog].verify().wrong == 0


def test_a_deal_that_another_call_still_names_keeps_its_id(space):
    other = call("call-7", "Somebody Else", ("Somebody Else", "Hello."), ("Cus", "Hi.")).model_copy(
        update={"deal": DEAL}
    )
    space.store[Calls].add(other)
    verbs.remove(lead(space), Chosen(customer=CUSTOMER))
    assert DEAL in {deal.id for deal in space.store[Deals].all()}


def _patterns(space):
    found = space.store[Extractions].newest()
    edits = space.store[PatternEdits].of(found.codebook.id)
    return edited(found, space.store[Interviews].all(), edits).every


def test_all_extractions_are_of_interviews_that_are_there(space):
    verbs.remove(lead(space), Chosen(customer=CUSTOMER))
    there = {one.id for one in space.store[Interviews].all()}
    found = space.store[Extractions].newest()
    assert {o.interview for o in found.observations} | set(found.patterns.interviews) <= there
    assert set(next(e for e in found.codebook.entries if e.observations).observations) == {
        o.id for o in found.observations
    }
    with space.store.engine.connect() as connection:
        assert connection.execute(select(pattern_edits.c.pattern_set)).scalar() == found.patterns.id
