"""Calibration rounds: opening, rating blind, submitting, adjudicating, closing. Every step is in the log.

Ratings of a round are read through `Ratings.of_round`, which keeps blindness. What stands here is who has submitted,
and a rater's own drafts. A rep sees no round; who is signed in acts under the own name only.
"""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from sqlalchemy import Connection, Engine, delete, func, insert, select, update

from agent.calibration.model import (
    Adjudication,
    CalibrationRound,
    Closed,
    Corrected,
    Draft,
    Drafted,
    Imported,
    LogEntry,
    Opened,
    Planned,
    Resumed,
    Settled,
    Submitted,
)
from agent.core.errors import Advice, Conflict, GateClosed, NotFound, UsageError
from agent.core.people import Scope
from agent.db import round_log as log
from agent.db.schema import (
    adjudications,
    ratings,
    round_calls,
    round_drafts,
    round_log,
    round_ratings,
    round_submissions,
    rounds,
)
from agent.db.scoping import check_name, check_rate, check_run, check_team, sees_team
from agent.db.transcripts import now
from agent.ratings.model import Provenance, Rating
from agent.ratings.recount import recount
from agent.ratings.rule import SETTLED
from agent.ratings.store import add_ratings


class Rounds:
    """The workspace's calibration rounds."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def next_number(self) -> int:
        """The number of the next round."""
        check_team(self._scope, "calibration rounds")
        with self._engine.connect() as connection:
            return _next_number(connection)

    def used_calls(self) -> dict[str, int]:
        """Calls that were in a round, each with that round's number."""
        if not sees_team(self._scope):
            return {}
        query = select(round_calls.c.call, rounds.c.number).join(rounds, rounds.c.id == round_calls.c.round)
        with self._engine.connect() as connection:
            return {call: number for call, number in connection.execute(query)}

    def open(self, new: CalibrationRound, given: Mapping[str, Sequence[Rating]]) -> CalibrationRound:
        """Store a new round. `given` holds the final ratings of raters who need not rate any more (the model; all
        raters of an imported round): they have submitted.

        Raises Conflict if another round took the number, or a call was in a round already (its ratings were seen), and
        Forbidden unless an ops lead.
        """
        check_run(self._scope, "open a calibration round")
        with self._engine.begin() as connection:
            if new.number != _next_number(connection):
                raise Conflict(f"round {new.number} was opened by somebody else meanwhile; try again")
            _refuse_used(connection, new.calls)
            body = new.model_dump_json(exclude={"submitted", "state"})
            row = {"id": new.id, "number": new.number, "rubric": new.rubric, "at": new.opened_at.isoformat()}
            connection.execute(insert(rounds).values(row | {"body": body}))
            connection.execute(insert(round_calls), [{"call": call, "round": new.id} for call in new.calls])
            log.append(connection, new.id, self._scope.name, Opened(calls=len(new.calls), raters=new.raters))
            if new.source:
                log.append(connection, new.id, "", Imported(source=new.source))
            for rater, found in given.items():
                _submit(connection, new, rater, found)
            recount(connection, new.calls)
            return read_round(connection, body)

    def get(self, reference: str) -> CalibrationRound:
        """The round of that number or id; the newest where `reference` is empty. NotFound if there is none."""
        found = self.all()
        chosen = [r for r in found if reference in ("", str(r.number), r.id)]
        if not chosen:
            known = ", ".join(str(r.number) for r in found)
            what = f"there is no calibration round {reference!r}" if reference else "there is no calibration round yet"
            advice = Advice(command="calibrate open --rubric RUBRIC --raters ANA,BEN", page="/calibration/open")
            raise NotFound(f"{what}; there are {known}" if known else what, advice=None if known else advice)
        return chosen[-1]

    def all(self) -> list[CalibrationRound]:
        """All rounds in the order of their numbers; none for a rep."""
        if not sees_team(self._scope):
            return []
        with self._engine.connect() as connection:
            bodies = connection.execute(select(rounds.c.body).order_by(rounds.c.number)).scalars().all()
            return _read_rounds(connection, bodies)

    def drafts(self, found: CalibrationRound, rater: str) -> list[Draft]:
        """What `rater` has rated and not submitted. UsageError for who is no rater of the
        round, Forbidden for others."""
        check_name(self._scope, rater, "read the drafts of a round")
        _check_rater(found, rater)
        mine = (round_drafts.c.round == found.id, round_drafts.c.rater == rater)
        query = select(round_drafts.c.body).where(*mine).order_by(round_drafts.c.call, round_drafts.c.criterion)
        with self._engine.begin() as connection:
            drafts = [Draft.model_validate_json(body) for body in connection.execute(query).scalars()]
            if drafts:
                log.append(connection, found.id, rater, Resumed(ratings=len(drafts)))
        return drafts

    def drafted(self, found: CalibrationRound) -> dict[str, int]:
        """How many ratings each rater has in draft: numbers only."""
        check_team(self._scope, "calibration rounds")
        query = (
            select(round_drafts.c.rater, func.count())
            .where(round_drafts.c.round == found.id)
            .group_by(round_drafts.c.rater)
        )
        with self._engine.connect() as connection:
            counted = {rater: count for rater, count in connection.execute(query)}
        return {rater: counted.get(rater, 0) for rater in found.raters}

    def check_open(self, found: CalibrationRound, rater: str) -> None:
        """Conflict if `rater` has submitted or the round is closed; UsageError for who is no rater of it."""
        check_team(self._scope, "calibration rounds")
        _check_rater(found, rater)
        with self._engine.connect() as connection:
            _check_open(connection, found, rater)

    def save(self, found: CalibrationRound, rater: str, drafts: Sequence[Draft]) -> None:
        """Keep drafts of `rater`; an earlier draft of the same call and criterion is replaced.

        Raises Conflict after submitting or closing, Forbidden for who may not rate or is not `rater`.
        """
        self._check_acts(rater)
        _check_rater(found, rater)
        with self._engine.begin() as connection:
            _check_open(connection, found, rater)
            for draft in drafts:
                key = {"round": found.id, "rater": rater, "call": draft.call, "criterion": draft.criterion}
                connection.execute(delete(round_drafts).where(*(round_drafts.c[k] == v for k, v in key.items())))
                connection.execute(insert(round_drafts).values(key | {"body": draft.model_dump_json()}))
            log.append(connection, found.id, rater, Drafted(ratings=len(drafts)))

    def submit(self, found: CalibrationRound, rater: str, criteria: Sequence[str], at: datetime) -> int:
        """Make the drafts of `rater` final; returns how many ratings.

        Raises GateClosed while a call lacks a rating of one of `criteria`, Conflict if it was done before, Forbidden
        for who may not rate or is not `rater`.
        """
        self._check_acts(rater)
        _check_rater(found, rater)
        mine = (round_drafts.c.round == found.id, round_drafts.c.rater == rater)
        with self._engine.begin() as connection:
            _check_open(connection, found, rater)
            bodies = connection.execute(select(round_drafts.c.body).where(*mine)).scalars()
            drafts = {(d.call, d.criterion): d for d in map(Draft.model_validate_json, bodies)}
            wanted = [(call, criterion) for call in found.calls for criterion in criteria]
            if missing := [cell for cell in wanted if cell not in drafts]:
                raise GateClosed(
                    f"{len(missing)} of {len(wanted)} ratings are missing, first {missing[0][0]} {missing[0][1]}",
                    advice=Advice(
                        command=f"calibrate rate {found.number} --as {rater}", page=f"/calibration/{found.number}/rate"
                    ),
                )
            _submit(connection, found, rater, [_final(found, rater, drafts[cell], at) for cell in wanted])
            connection.execute(delete(round_drafts).where(*mine))
            recount(connection, found.calls)
        return len(wanted)

    def correct(self, found: CalibrationRound, correction: Rating) -> Rating:
        """Add `correction` after its rater submitted; it supersedes what that rater last gave. Returns it as stored.

        The round's verdicts go on resting on what was submitted blind. Raises UsageError without a reason or before
        submitting, NotFound where there is nothing to correct.
        """
        rater = correction.rater
        self._check_acts(rater)
        _check_rater(found, rater)
        if not correction.reason.strip():
            raise UsageError(
                "say why: a correction is kept with its reason",
                advice=Advice(command=f'calibrate correct {found.number} --reason "…"'),
            )
        if rater not in found.submitted:
            raise UsageError(f"{rater} has not submitted round {found.number}: rate again, no correction is needed")
        with self._engine.begin() as connection:
            before = _newest(connection, found, correction)
            stored = correction.model_copy(update={"supersedes": before})
            add_ratings(connection, [stored])
            event = Corrected(call=correction.call, criterion=correction.criterion)
            log.append(connection, found.id, rater, event)
            recount(connection, [correction.call])
        return stored

    def adjudicate(self, found: CalibrationRound, decision: Adjudication) -> None:
        """Keep what was agreed on where raters had differed; the last decision of a cell counts. It becomes a rating of
        its own, so that it counts in every figure and can be corrected and disputed like any other.

        Raises GateClosed while the round is blind, Conflict once it is closed, Forbidden for who may not rate.
        """
        self._check_acts(decision.by)
        if found.blind:
            raise GateClosed(f"round {found.number} is blind until {', '.join(found.waiting)} submitted")
        with self._engine.begin() as connection:
            if read_round(connection, _body(connection, found)).state == "closed":
                raise Conflict(f"round {found.number} is closed; nothing more is adjudicated in it")
            connection.execute(insert(adjudications).values(round=found.id, body=decision.model_dump_json()))
            add_ratings(connection, [_settled(connection, found, decision)])
            event = Settled(call=decision.call, criterion=decision.criterion)
            log.append(connection, found.id, decision.by, event)
            recount(connection, [decision.call])

    def adjudications(self, found: CalibrationRound) -> dict[tuple[str, str], Adjudication]:
        """The decisions of a round by call and criterion."""
        if not sees_team(self._scope):
            return {}
        query = select(adjudications.c.body).where(adjudications.c.round == found.id).order_by(adjudications.c.seq)
        with self._engine.connect() as connection:
            decided = map(Adjudication.model_validate_json, connection.execute(query).scalars())
            return {(d.call, d.criterion): d for d in decided}

    def plan(self, found: CalibrationRound, deadline: date | None, reference: str) -> CalibrationRound:
        """Say the last day for ratings, and whose ratings are the reference. Conflict once the round is closed,
        Forbidden unless an ops lead."""
        check_run(self._scope, "plan a calibration round")
        with self._engine.begin() as connection:
            fresh = read_round(connection, _body(connection, found))
            if fresh.state == "closed":
                raise Conflict(f"round {found.number} is closed; nothing about it is changed any more")
            changed = fresh.model_copy(update={"deadline": deadline, "reference": reference})
            body = changed.model_dump_json(exclude={"submitted", "state"})
            connection.execute(update(rounds).where(rounds.c.id == found.id).values(body=body))
            event = Planned(deadline=deadline, reference=reference)
            log.append(connection, found.id, self._scope.name, event)
            return changed

    def close(self, found: CalibrationRound, by: str, reason: str = "") -> CalibrationRound:
        """End a round. While raters have not submitted this gives it up for good, which needs a reason.

        Forbidden unless an ops lead.
        """
        check_run(self._scope, "close a calibration round")
        check_name(self._scope, by, "close a calibration round")
        with self._engine.begin() as connection:
            body = _body(connection, found)
            fresh = read_round(connection, body)
            if fresh.state == "closed":
                raise Conflict(f"round {found.number} is closed already")
            if fresh.waiting and not reason.strip():
                raise GateClosed(
                    f"round {fresh.number} waits for {', '.join(fresh.waiting)}; to give it up "
                    "without them takes a reason",
                    advice=Advice(
                        command=f'calibrate close {found.number} --give-up --reason "…"',
                        page=f"/calibration/{found.number}",
                    ),
                )
            log.append(connection, found.id, by, Closed(without=fresh.waiting, reason=reason))
            recount(connection, found.calls)
            return read_round(connection, body)

    def log(self, found: Sequence[CalibrationRound] = ()) -> list[LogEntry]:
        """The log of those rounds (of all if none is named), oldest first; empty for a rep."""
        return _entries(self._engine, [r.id for r in found]) if sees_team(self._scope) else []

    def _check_acts(self, rater: str) -> None:
        check_rate(self._scope, "rate in a calibration round")
        check_name(self._scope, rater, "rate in a calibration round")


def _next_number(connection: Connection) -> int:
    return int(connection.execute(select(func.coalesce(func.max(rounds.c.number), 0))).scalar_one()) + 1


def _refuse_used(connection: Connection, calls: Sequence[str]) -> None:
    used = connection.execute(select(round_calls.c.call).where(round_calls.c.call.in_(calls))).scalars().all()
    if used:
        raise Conflict(
            f"{', '.join(sorted(used))} {'was' if len(used) == 1 else 'were'} in a calibration round already: "
            "those ratings have been seen; choose other calls, or let them be picked"
        )


def _check_rater(found: CalibrationRound, rater: str) -> None:
    if rater not in found.people:
        named = f"{rater!r} is no rater" if rater else "nobody was named as a rater"
        raise UsageError(
            f"{named} of round {found.number}; its raters are {', '.join(found.people)}",
            advice=None if rater else Advice(command=f"calibrate rate {found.number} --as NAME"),
        )


def _check_open(connection: Connection, found: CalibrationRound, rater: str) -> None:
    fresh = read_round(connection, _body(connection, found))
    if rater in fresh.submitted:
        raise Conflict(
            f"{rater} has submitted round {found.number}: those ratings are final; a correction is a new rating",
            advice=Advice(
                command=f'calibrate correct {found.number} --as {rater} --reason "…"',
                page=f"/calibration/{found.number}/rate",
            ),
        )
    if fresh.state == "closed":
        raise Conflict(f"round {found.number} is closed")


def _body(connection: Connection, found: CalibrationRound) -> str:
    return str(connection.execute(select(rounds.c.body).where(rounds.c.id == found.id)).scalar_one())


def _final(found: CalibrationRound, rater: str, draft: Draft, at: datetime) -> Rating:
    return Rating(
        call=draft.call,
        criterion=draft.criterion,
        rater=rater,
        judgement=draft.judgement,
        reason=draft.reason,
        provenance=Provenance(rubric=found.rubric),
        at=at,
    )


def _submit(connection: Connection, found: CalibrationRound, rater: str, given: Sequence[Rating]) -> None:
    add_ratings(connection, given)
    if given:
        links = [{"round": found.id, "rating": rating.id, "rater": rater} for rating in given]
        connection.execute(insert(round_ratings), links)
    connection.execute(insert(round_submissions).values(round=found.id, rater=rater, at=now()))
    log.append(connection, found.id, rater, Submitted(ratings=len(given)))


def _settled(connection: Connection, found: CalibrationRound, decision: Adjudication) -> Rating:
    """The decision as a rating, which supersedes the round's earlier decision on the same."""
    rater = f"{SETTLED}round {found.number}"
    place = (ratings.c.call == decision.call, ratings.c.criterion == decision.criterion, ratings.c.rater == rater)
    before = connection.execute(select(ratings.c.id).where(*place).order_by(ratings.c.seq.desc())).scalar()
    return Rating(
        call=decision.call,
        criterion=decision.criterion,
        rater=rater,
        judgement=decision.judgement,
        reason=decision.reason,
        provenance=Provenance(rubric=found.rubric),
        at=decision.at,
        supersedes=before or "",
    )


def _newest(connection: Connection, found: CalibrationRound, correction: Rating) -> str:
    """The id of the rating that `correction` supersedes: the submitted one, or the last correction of it."""
    later = ratings.alias("later")
    own = (ratings.c.call == correction.call, ratings.c.criterion == correction.criterion)
    submitted = (
        select(ratings.c.id)
        .join(round_ratings, round_ratings.c.rating == ratings.c.id)
        .where(round_ratings.c.round == found.id, round_ratings.c.rater == correction.rater, *own)
    )
    ident = connection.execute(submitted).scalar()
    if ident is None:
        raise NotFound(f"{correction.rater} gave no rating of {correction.call} {correction.criterion} in this round")
    while (
        next_ident := connection.execute(select(later.c.id).where(later.c.supersedes == ident)).scalar()
    ) is not None:
        ident = next_ident
    return str(ident)


def read_round(connection: Connection, body: str) -> CalibrationRound:
    """A stored round with who has submitted and the state that follows."""
    return _read_rounds(connection, [body])[0]


def _read_rounds(connection: Connection, bodies: Sequence[str]) -> list[CalibrationRound]:
    stored = [CalibrationRound.model_validate_json(body) for body in bodies]
    of_these = [one.id for one in stored]
    submissions = select(round_submissions.c.round, round_submissions.c.rater)
    given = {tuple(row) for row in connection.execute(submissions.where(round_submissions.c.round.in_(of_these)))}
    closings = select(round_log.c.round).where(round_log.c.round.in_(of_these), round_log.c.kind == "closed")
    closed = set(connection.execute(closings).scalars())
    made = []
    for one in stored:
        submitted = tuple(rater for rater in one.raters if (one.id, rater) in given)
        state = "closed" if one.id in closed else "rated" if len(submitted) == len(one.raters) else "rating"
        made.append(one.model_copy(update={"submitted": submitted, "state": state}))
    return made


def _entries(engine: Engine, round_ids: Sequence[str]) -> list[LogEntry]:
    """All entries of those rounds (of every round if none is named), oldest first."""
    query = select(round_log.c.body).order_by(round_log.c.seq)
    if round_ids:
        query = query.where(round_log.c.round.in_(round_ids))
    with engine.connect() as connection:
        return [LogEntry.model_validate_json(body) for body in connection.execute(query).scalars()]
