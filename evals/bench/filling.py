"""Calls, ratings and a season in bulk, for benchmarks: rows that every page can read, with quotes that it finds.

The calls share the words of a hundred transcripts, the sample's at the length of a call of forty minutes: a page reads
one of them, whichever. Two in a hundred ratings are not applicable, one failed, one was corrected by a person.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from agent.outcomes.store import Deals
from agent.profiles.store import Baselines, CoachingPeriods
from agent.rubrics.store import Rubrics

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from agent.calls.model import Call, Deal
from agent.core.base import canonical_json
from agent.core.transcript import Turn
from agent.db.schema import calls, ratings, transcripts
from agent.db.store import Store
from agent.llm.prompts import PromptLibrary
from agent.profiles.model import Baseline, CoachingPeriod
from agent.ratings.recount import recount
from agent.rubrics.model import Criterion, Rubric
from evals.bench.numbered import ROOT, numbered_calls

START, DAYS = date(2025, 1, 1), 360
SCALES = ("binary",) * 6 + ("1-5",) * 2
RUBRIC = Rubric(
    criteria=tuple(
        Criterion.model_validate(
            {"id": f"criterion_{at}", "name": f"Criterion {at}", "description": "Does it.", "scale": scale}
        )
        for at, scale in enumerate(SCALES)
    ),
    label="scale",
)
RUBRIC_ID = RUBRIC.id  # computed from its content each time it is asked for
STAGES = ("discovery", "demo", "evaluation", "proposal", "negotiation")
AT = "2026-01-01T00:00:00+00:00"
# As a run of today would make them: what is rated already is left out of it.
PROMPT, MODEL, PERSON = PromptLibrary(ROOT / "prompts").get("rate_call").id, "openai/gpt-4.1-mini", "ann"
REASON = "The rep asks what the problem costs and waits for the answer."
WORDS, TRANSCRIPTS, DEALS = 6_000, 100, 100
_SHORTEST, _LONGEST = 20, 80  # characters of a quote


@cache
def said() -> tuple[Call, ...]:
    """The calls whose words all others share."""
    return tuple(numbered_calls(TRANSCRIPTS, WORDS))


def fill(store: Store, reps: int, calls_each: int, seed: int = 0) -> None:
    """Calls and ratings past the collections, in bulk: indexes are made afterwards."""
    store[Rubrics].add(RUBRIC)
    with store.engine.begin() as connection:
        words = [one.transcript for one in said()]
        rows = [{"id": one.id, "body": one.model_dump_json(exclude={"roles"})} for one in words]
        connection.execute(transcripts.insert(), rows)
    fill_calls(store, reps, range(calls_each), calls_each)
    fill_ratings(store, reps, range(calls_each), seed)


def fill_calls(store: Store, reps: int, numbers: range, calls_each: int) -> None:
    """The calls with those numbers, of every rep; `calls_each` a rep are spread over the days."""
    with store.engine.begin() as connection:
        _bulk(connection, "calls", [c.name for c in calls.columns], _call_rows(reps, numbers, calls_each))


def fill_ratings(store: Store, reps: int, numbers: range, seed: int, first: int = 0) -> None:
    """Ratings of the calls with those numbers, of every rep."""
    columns = [c.name for c in ratings.columns if c.name != "seq"]
    with store.engine.begin() as connection:
        for index in ratings.indexes if not first else ():
            index.drop(connection)
        _bulk(connection, "ratings", columns, _rating_rows(reps, numbers, seed, first))
        for index in ratings.indexes if not first else ():
            index.create(connection)
        recount(connection, [call_id(number, rep) for number in numbers for rep in range(reps)])


def call_id(number: int, rep: int) -> str:
    """The rep's call of that number."""
    return f"call-{number:05}-{rep:04}"


def rep_name(rep: int) -> str:
    """Whose they are."""
    return f"rep {rep:04}"


def _call_rows(reps: int, numbers: range, calls_each: int) -> Iterator[tuple[Any, ...]]:
    words = [one.transcript.id for one in said()]
    rest = [canonical_json({"transcript": {"roles": one.transcript.roles}, "customer": one.customer}) for one in said()]
    for number in numbers:
        day = (START + timedelta(days=number * DAYS // calls_each)).isoformat()
        stage = STAGES[number % len(STAGES)]
        for rep in range(reps):
            at = _words_of(number, rep)
            ident, deal = call_id(number, rep), f"d-{rep:04}-{number * DEALS // calls_each:03}"
            facts = f'"id":"{ident}","date":"{day}","rep":"rep {rep:04}","stage":"{stage}","deal":"{deal}"'
            yield ident, words[at], day, rep_name(rep), stage, deal, False, "", f"{{{facts},{rest[at][1:]}"


def _words_of(number: int, rep: int) -> int:
    return (number * 31 + rep) % TRANSCRIPTS


def _rating_rows(reps: int, numbers: range, seed: int, first: int) -> Iterator[tuple[Any, ...]]:
    """A model's rating of every criterion on every call; one in a hundred is corrected by a person."""
    rng = np.random.default_rng([seed, first])
    width, model = len(SCALES), f"model:{MODEL}"
    level = np.random.default_rng(seed).beta(2, 3, (reps, width))
    steps = np.array([1 if scale == "binary" else 4 for scale in SCALES])
    count = first
    for number in numbers:
        values = (rng.binomial(steps, level) + (steps > 1)).tolist()
        luck = rng.random((reps, width)).tolist()
        for rep in range(reps):
            call, words = call_id(number, rep), _words_of(number, rep)
            for at in range(width):
                chance = luck[rep][at]
                status = "failed" if chance < 0.01 else "not_applicable" if chance < 0.03 else "rated"
                value = values[rep][at] if status == "rated" else None
                count += 1
                ident = f"ra-{count:012x}"
                row = (call, f"criterion_{at}")
                body = _named(call, ident, "") + _rest(words, at, status, value, model)
                yield ident, *row, model, status, value, RUBRIC_ID, PROMPT, MODEL, 0, "", AT, "", body
                if chance > 0.99:
                    count += 1
                    again = f"ra-{count:012x}"
                    body = _named(call, again, ident) + _rest(words, at, status, value, PERSON)
                    yield again, *row, PERSON, status, value, RUBRIC_ID, "", "", 0, "", AT, ident, body


def _named(call: str, ident: str, before: str) -> str:
    # `named` makes the numbers ids: hashing the content of each of 800,000 ratings would take most of the time.
    return f'{{"call":"{call}","named":"{ident}","supersedes":"{before}",'


@cache
def _rest(words: int, at: int, status: str, value: int | None, rater: str) -> str:
    """What many ratings have in common. `words` and `at`: the places of their transcript and criterion."""
    model = {} if rater == PERSON else {"prompt": PROMPT, "model": MODEL, "request": "rq-000000000000"}
    facts = {"criterion": f"criterion_{at}", "rater": rater, "reason": REASON, "at": AT}
    judgement = {"status": status, **_judgement(words, at, status, value)}
    return canonical_json(facts | {"provenance": {"rubric": RUBRIC_ID} | model, "judgement": judgement})[1:]


def _judgement(words: int, at: int, status: str, value: int | None) -> dict[str, Any]:
    turns = _turns(words)
    turn = turns[(at * 7 + 3) % len(turns)]
    quote = turn.text[:_LONGEST].strip()
    heard = {"speaker": turn.speaker, "text": quote}
    if status == "failed":
        return {"kind": "evidence", "detail": "The quote is not in the call.", "claimed": 1}
    if status == "not_applicable":
        return {}
    if value == RUBRIC.criteria[at].levels[0]:
        return {"value": value, "nearest": {"turn": turn.index, "why": "It does not name the cost.", **heard}}
    return {"value": value, "quotes": [{"span": {"turn": turn.index, "start": 0, "end": len(quote)}, **heard}]}


@cache
def _turns(words: int) -> list[Turn]:
    """Turns of the rep that a quote can be taken of."""
    transcript = said()[words].transcript
    own = transcript.speakers_as("rep")
    return [t for t in transcript.turns if t.speaker in own and t.text == t.text.lstrip() and len(t.text) > _SHORTEST]


def _bulk(connection: Any, table: str, columns: list[str], rows: Iterator[tuple[Any, ...]]) -> None:
    raw = connection.connection.driver_connection
    names = ", ".join(f'"{name}"' for name in columns)
    if connection.dialect.name == "postgresql":
        with raw.cursor().copy(f"COPY {table} ({names}) FROM STDIN") as copy:
            for row in rows:
                copy.write_row(row)
        return
    raw.executemany(f"INSERT INTO {table} ({names}) VALUES ({', '.join('?' * len(columns))})", rows)


def season(store: Store, reps: int, calls_each: int) -> None:
    """Baselines from the first thirty days, three cycles of two criteria, and a hundred deals a rep."""
    month = max(calls_each * 30 // DAYS, 1)
    end = START + timedelta(days=30)
    store[Baselines].add([_baseline(rep, month, end) for rep in range(reps)])
    starts = [end + timedelta(days=90 * at) for at in range(3)]
    store[CoachingPeriods].add(
        [
            CoachingPeriod(
                rep=rep_name(rep),
                cycle=f"cycle {at + 1}",
                start=start,
                end=start + timedelta(days=59),
                criteria=tuple(sorted({f"criterion_{rep % 8}", f"criterion_{(rep + 3) % 8}"})),
            )
            for rep in range(reps)
            for at, start in enumerate(starts)
        ]
    )
    rng = np.random.default_rng(1)
    store[Deals].add([_deal(rng, rep, number) for rep in range(reps) for number in range(DEALS)])


def _baseline(rep: int, month: int, end: date) -> Baseline:
    return Baseline(
        rep=rep_name(rep),
        rubric=RUBRIC_ID,
        calls=tuple(call_id(number, rep) for number in range(min(20, month))),
        start=START,
        end=end,
        available=month,
        wanted=10,
        seed=0,
        at=datetime.now(UTC),
    )


def _deal(rng: np.random.Generator, rep: int, number: int) -> Deal:
    # Its calls lie within 360 / 100 days, beginning two weeks after it was opened at the latest.
    opened = START + timedelta(days=number * DAYS // DEALS - int(rng.integers(0, 15)))
    won = bool(rng.random() < 0.2)
    return Deal(
        id=f"d-{rep:04}-{number:03}",
        rep=rep_name(rep),
        opened=opened,
        closed=opened + timedelta(days=int(rng.integers(20, 60))),
        stage="won" if won else "lead",
        outcome="won" if won else "lost",
    )
