"""After a removal no byte of the workspace holds what was removed: every table and folder is planted, and every file is
searched while the database is still open, its write-ahead log included."""

import json
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import insert, inspect, text

from agent.app.verb import Who
from agent.calibration.model import CalibrationRound
from agent.calibration.store import Rounds
from agent.calls.store import Calls
from agent.coaching.model import Session
from agent.coaching.store import Coaching
from agent.core.errors import Conflict, NotFound
from agent.core.people import Scope
from agent.core.transcript import Quote, Span
from agent.db.audit import AuditLog
from agent.db.schema_jobs import job_calls, jobs
from agent.db.schema_server import computed, deliveries, idempotency, rubric_drafts, uploads, webhooks
from agent.disputes.model import Dispute, DisputeAnswer
from agent.disputes.store import Disputes
from agent.interviews.store import Interviews
from agent.llm.spending import Entry, Usage
from agent.people.store import People, Tokens
from agent.ratings.kept_filters import CallsShown, KeptFilters, KeptFiltersStore
from agent.ratings.model import NearestMiss, Provenance, Rated, Rating
from agent.ratings.store import Ratings
from agent.retention import verbs
from agent.retention.leavers import BLOCK, Forgetting
from agent.retention.model import Chosen
from agent.rubrics.model import Example
from agent.rubrics.store import Rubrics
from agent.settings import Settings
from agent.uploads.store import Uploads
from agent.workspace import Workspace
from tests.builders import call, criterion, interview, rubric

AT = datetime(2026, 11, 1, tzinfo=UTC)
WORDS = "flamingo waiver fees"
LINE = f"About nine thousand dollars in {WORDS}."
CUSTOMER, ACCOUNT = "Quenby Vossler", "Vossler Glassworks"
REP, RATER = "Zebulon Yarrow", "Ottoline Pruitt"
QUOTE = Quote(span=Span(turn=1, start=6, end=6 + 45), speaker="Cus", text=LINE[6:51])


def heard():
    said = ((REP, f"I am Zebulon Yarrow. Zebulon asks, {CUSTOMER}: what does it cost?"), ("Cus", LINE), (REP, "Well."))
    return call("call-9", REP, *said).model_copy(
        update={"customer": CUSTOMER, "account": ACCOUNT, "details": {"note": WORDS}}
    )


def example():
    return Example(kind="present", text=LINE[6:51], source="call-9", quote=QUOTE, why=f"{CUSTOMER} says {WORDS}")


def rated(ident, rubric_id, rater=RATER):
    judgement = Rated(
        value=1,
        quotes=(QUOTE,),
        context=(QUOTE,),
        nearest=NearestMiss(turn=1, speaker="Cus", text=LINE[:20], why=WORDS),
    )
    made = Provenance(rubric=rubric_id, request="rq-planted")
    return Rating(
        call=ident,
        criterion="asks_cost",
        rater=rater,
        judgement=judgement,
        reason=f"{REP}: {WORDS}",
        provenance=made,
        at=AT,
    )


def planted(space):
    """Rows in every table that may hold words or names, and files in every folder."""
    store = space.store
    new = rubric(criterion(examples=(example(),)), label="with an example")
    store[Rubrics].add(new)
    store[Calls].add(heard())
    store[Interviews].add(
        interview("int-9", "won", f"{REP} told us about {WORDS}.").model_copy(
            update={"buyer": CUSTOMER, "account": ACCOUNT, "rep": REP}
        )
    )
    store[Calls].add(call("call-8", "Somebody Else", ("Somebody Else", f"Ask {REP} or Zebulon."), ("Cus", "Yes.")))
    for number, (name, rep) in enumerate(((REP, REP), (RATER, ""), ("Lena Lead", ""))):
        role = "rep" if rep else "manager" if number == 1 else "ops_lead"
        made = store[People].create(name, f"{name.split()[0].lower()}@vossler.example", role, rep)
        store[Tokens].create(role, rep=rep, person=made.id, by=RATER, label=f"of {name}")
    kept = KeptFilters(name=f"calls of {REP}", filters=CallsShown(rep=REP))
    store[KeptFiltersStore].keep(made.id, kept)
    first = rated("call-9", new.id)
    store[Ratings].add([first, rated("call-8", new.id)])
    dispute = Dispute(
        id="di", rating=first.id, call="call-9", criterion="asks_cost", rep=REP, by=REP, comment=WORDS, at=AT
    )
    store[Disputes].open(dispute)
    store[Disputes].answer(DisputeAnswer(dispute="di", verdict="declined", by=RATER, reason=WORDS, at=AT))
    store[Coaching].log(Session(rep=REP, date=date(2026, 10, 3), coach=RATER, note=f"{REP} asks", at=AT))
    opened = CalibrationRound(number=1, rubric=new.id, raters=(RATER, "Lena Lead"), calls=("call-8",), opened_at=AT)
    store[Rounds].open(opened, {})
    store[AuditLog].append("person_added", "x", person=RATER, name=REP)
    asked = Usage(input_tokens=1, output_tokens=1)
    store.engine.dispose()
    _rows(store.engine)
    entry = {"at": AT, "request": "rq-planted", "role": "rater", "prompt": "p@1", "subject": "call-9", "model": "m"}
    _ledger(store, Entry(**entry, source="provider", usage=asked, usd=None, seconds=None, attempts=1))
    _files(space)


def _ledger(store, entry):
    from agent.db.ledger import SqlLedger

    store[SqlLedger].record(entry)


def _rows(engine):
    at, image = (
        AT.isoformat(),
        json.dumps({"customer": CUSTOMER, "account": ACCOUNT, "rep": REP, "details": {"n": WORDS}}),
    )
    document = {"id": "call-9", "how": "changed", "file": f"{CUSTOMER}.txt"}
    upload = {"documents": [document], "counts": {}, "source": f"{CUSTOMER}.zip", "before": {"call-9": image}}
    draft = {"criteria": [{"id": "a", "examples": [json.loads(example().model_dump_json())]}]}
    rows = [
        (uploads, {"id": "up-9", "kind": "call", "by": RATER, "at": at, "undone": "", "body": json.dumps(upload)}),
        (
            idempotency,
            {"owner": "o", "key": "k", "request": "r", "status": 200, "headers": "{}", "at": at, "body": WORDS},
        ),
        (computed, {"kind": "k", "key": REP, "at": at, "body": json.dumps([WORDS, CUSTOMER, REP])}),
        (rubric_drafts, {"id": "x", "base": "", "version": 1, "by": RATER, "at": at, "body": json.dumps(draft)}),
        (
            webhooks,
            {
                "id": "wh",
                "url": "https://x.example",
                "secret": "s",
                "events": "",
                "by": RATER,
                "at": at,
                "disabled": "",
            },
        ),
    ]
    job = {
        "id": "job-9",
        "kind": "score",
        "state": "done",
        "priority": 0,
        "by": RATER,
        "at": at,
        "started": "",
        "ended": "",
    }
    more = {"reason": "", "body": json.dumps({"rep": REP}), "ticket": "", "progress": "{}"}
    rows.append((jobs, {k: v for k, v in (job | more).items() if k in jobs.c}))
    rows.append(
        (
            job_calls,
            {
                "job": "job-9",
                "call": "call-9",
                "chunk": 0,
                "state": "failed",
                "attempts": 1,
                "at": at,
                "reason": WORDS,
                "ticket": "",
            },
        )
    )
    sent = {"webhook": "wh", "event": "call.scored", "state": "sent", "attempts": 1, "due": at, "at": at, "reason": ""}
    rows.append((deliveries, sent | {"body": json.dumps({"call": "call-9", "rep": REP})}))
    with engine.begin() as connection:
        for table, row in rows:
            connection.execute(insert(table).values(**row))


def _files(space):
    folder = space.settings.workspace
    for name in ("staging/pe-1/st-1/files/a.txt", "cache.damaged-1/x"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(f"{CUSTOMER} {REP}: {WORDS}")
    run = folder / "evals" / "runs" / "ev-1.json"
    run.parent.mkdir(parents=True)
    run.write_text(json.dumps({"case": "call-9", "said": WORDS, "rep": REP}))
    space.cache._kept._opened().set("rq-planted", {"text": f"{CUSTOMER}: {WORDS} {REP}"})


@pytest.fixture(name="space")
def _space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "space", {}))
    planted(space)
    yield space
    space.cache.close()
    space.store.close()


def lead(space):
    return Who(space, Scope(name="Lena Lead", role="ops_lead"))


def holding(space, *needles):
    """Files of the workspace with one of these in any of its spellings, and what they hold."""
    found = []
    for path in sorted(space.settings.workspace.rglob("*")):
        content = path.read_bytes() if path.is_file() else b""
        for needle in needles:
            forms = {needle, needle.upper(), needle.lower()}
            if any(form.encode(code) in content for form in forms for code in ("utf-8", "utf-16-le")):
                found.append((path.relative_to(space.settings.workspace).as_posix(), needle))
    return found


def tables_with(space, needle):
    found = set()
    with space.store.engine.connect() as connection:
        for name in inspect(connection).get_table_names():
            if any(needle in repr(tuple(row)) for row in connection.execute(text(f'SELECT * FROM "{name}"'))):
                found.add(name)
    return found


SAID = {"calls", "ratings", "disputes", "dispute_answers", "uploads", "idempotency", "computed", "rubric_drafts"}


def test_what_a_customer_said_is_in_no_byte(space):
    assert tables_with(space, WORDS) >= SAID | {"transcripts", "rubrics", "job_calls"}
    assert {name for name, _ in holding(space, WORDS)} >= {"closeread.db", "cache.damaged-1/x", "evals/runs/ev-1.json"}
    who = lead(space)
    rubric_id = space.store[Rubrics].get("with an example").id
    _end_the_round(space)
    verbs.remove(who, Chosen(customer=CUSTOMER))
    verbs.remove(who, Chosen(rep="Somebody Else"))
    left = holding(space, WORDS, CUSTOMER, ACCOUNT)
    # What a manager wrote about call-8 in a session or a rating without quotes stays; none does here.
    assert left == []
    assert space.store[Rubrics].get("with an example").id == rubric_id
    assert space.store[Rubrics].get("with an example").criteria[0].examples == ()
    with pytest.raises(Conflict):
        space.store[Uploads].undo("up-9")
    assert holding(space, WORDS, CUSTOMER, ACCOUNT) == []


def _end_the_round(space):
    """Its call stays else: raters are reading it."""
    store = space.store
    store[Rounds].close(store[Rounds].get("1"), RATER, "over")


@pytest.mark.parametrize("name", [REP, RATER])
def test_the_name_of_somebody_who_left_is_in_no_byte(space, name):
    others = {REP: RATER, RATER: REP}[name]
    _end_the_round(space)
    before = [(r.call, r.criterion, r.judgement.value, r.id) for r in space.store[Ratings].current()]
    if name == REP:
        assert tables_with(space, REP) >= {
            "calls",
            "interviews",
            "people",
            "disputes",
            "coaching_sessions",
            "audit_log",
        }
    else:
        assert tables_with(space, RATER) >= {"ratings", "rounds", "uploads", "webhooks", "jobs", "dispute_answers"}
    done = verbs.remove_person(lead(space), name)
    first, last = name.split()
    assert holding(space, name, f"{first.lower()}@vossler", last) == []
    assert tables_with(space, others)
    assert tables_with(space, done.pseudonym)
    assert [(r.call, r.criterion, r.judgement.value, r.id) for r in space.store[Ratings].current()] == before
    assert space.store[AuditLog].verify().wrong == 0
    assert [round_.id for round_ in space.store[Rounds].all()]
    closed = [p for p in space.store[People].all() if p.name == done.pseudonym]
    assert [p.disabled for p in closed] == [True]


def test_quotes_still_stand_where_they_stood(space):
    verbs.remove_person(lead(space), REP)
    found = space.store[Calls].get("call-9")
    assert found.rep == "Former colleague 1"
    turns = found.transcript.turns
    assert turns[0].text.startswith(f"I am {BLOCK * 7} {BLOCK * 6}. {BLOCK * 7} asks")
    for rating in space.store[Ratings].current(["call-9"]):
        for quote in rating.judgement.quotes:
            assert turns[quote.span.turn].text[quote.span.start : quote.span.end] == quote.text
    # Elsewhere a first name alone may be anybody's.
    assert space.store[Calls].get("call-8").transcript.turns[0].text == f"Ask {BLOCK * 7} {BLOCK * 6} or Zebulon."


def test_nobody_of_that_name_and_a_taken_pseudonym(space):
    with pytest.raises(NotFound):
        verbs.remove_person(lead(space), "Nobody Here")
    with pytest.raises(Conflict, match="is called 'Lena Lead' already"):
        verbs.remove_person(lead(space), REP, "Lena Lead")


@pytest.mark.parametrize(
    ("said", "own", "left"),
    [
        ("zebulon yarrow", False, "P"),
        ("Ask ZEBULON YARROW now", False, f"Ask {BLOCK * 7} {BLOCK * 6} now"),
        ("Zebulon Yarrows", False, "Zebulon Yarrows"),
        ("Zebulon's", True, f"{BLOCK * 7}'s"),
        ("a yarrow", True, "a yarrow"),
        ("call-9", True, "call-9"),
    ],
)
def test_what_gives_way(said, own, left):
    assert Forgetting(REP, "P", {"call-9"}, {"call-9"}).text(said, own) == left
