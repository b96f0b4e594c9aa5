"""What counts on each call, a row a criterion, for other systems: a CRM, a warehouse."""

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime

from agent.app.documents.as_tables import safe
from agent.app.view import View
from agent.calls.store import Calls
from agent.core.base import content_id
from agent.core.errors import InputError, UsageError
from agent.core.marks import Kind
from agent.ratings.results import result_of
from agent.ratings.rule import Source
from agent.ratings.store import CountedRating, Ratings
from agent.rubrics.in_use import rubric_in_use
from agent.rubrics.model import Rubric, criterion_of
from agent.workspace import Workspace


class ScoreView(View):
    """What counts on one criterion of one call. `id` is made of call, rubric and criterion: a correction has the same
    one and another `rating`. `level` is null unless it is rated."""

    id: str
    call: str
    external_id: str
    deal: str
    date: date
    rep: str
    customer: str
    account: str
    stage: str
    rubric: str
    rubric_label: str
    criterion: str
    criterion_name: str
    result: Kind
    level: int | None
    counts_as: Source
    rating: str
    rated_at: datetime


@dataclass(frozen=True)
class Scores:
    """The rows, and when they were read: what is rated from then on comes with `since` at this moment."""

    rows: list[ScoreView]
    read_at: datetime


def scores(space: Workspace, rubric: str = "", since: str = "", call: str = "") -> Scores:
    """What counts against a rubric: on all calls, on those that were rated `since`, or on one.

    `since` also brings calls of calibration rounds, on which earlier ratings begin to count when a round ends. Calls of
    a blind round are left out.
    """
    read_at, start = datetime.now(UTC), _moment(since)
    chosen, ratings = rubric_in_use(space.store, rubric), space.store[Ratings]
    if call:
        space.store[Calls].about(call)  # NotFound for a call that there is not
        counted = ratings.that_count(chosen.id, [call])
    else:
        counted = ratings.that_count(chosen.id, since=start)
    if start is not None and not call:
        known = {one.rating.call for one in counted}
        counted += ratings.that_count(chosen.id, sorted(ratings.calls_of_rounds() - known))
    return Scores(sorted(_rows(space, chosen, counted), key=lambda row: (row.date, row.call)), read_at)


def _rows(space: Workspace, rubric: Rubric, counted: list[CountedRating]) -> Iterator[ScoreView]:
    about, present = space.store[Calls].rows({one.rating.call for one in counted}), space.rules.profiles.present_level
    for one in counted:
        call, rating = about[one.rating.call], one.rating
        criterion = criterion_of(rubric, rating.criterion)
        judgement = rating.judgement
        said = str(judgement.value) if judgement.status == "rated" else judgement.status
        result = result_of(criterion, said, present)
        yield ScoreView(
            id=content_id("sc", [call.id, rubric.id, criterion.id]),
            call=call.id,
            external_id=call.alias or call.id,
            deal=call.deal,
            date=call.date,
            rep=call.rep,
            customer=call.customer,
            account=call.account,
            stage=call.stage,
            rubric=rubric.id,
            rubric_label=rubric.label,
            criterion=criterion.id,
            criterion_name=criterion.name,
            result=result.result,
            level=result.level,
            counts_as=one.source,
            rating=rating.id,
            rated_at=rating.at,
        )


def as_csv(rows: list[ScoreView], columns: Mapping[str, str] | None = None) -> str:
    """The rows as CSV without a byte order mark, which CRMs read as a part of the first column's name.

    `columns` names those to write, in this order, each with the name that it gets.
    """
    known = list(ScoreView.model_fields)
    chosen = columns or dict(zip(known, known, strict=True))
    if strange := [name for name in chosen if name not in known]:
        raise UsageError(f"there is no column {strange[0]!r}; there are {', '.join(known)}")
    out = io.StringIO()
    write = csv.writer(out, lineterminator="\r\n")
    write.writerow(chosen.values())
    for row in rows:
        data = row.data() | {"rated_at": row.rated_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
        write.writerow([safe(data[name]) for name in chosen])
    return out.getvalue()


def _moment(text: str) -> datetime | None:
    if not text.strip():
        return None
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InputError(f"{text!r} is no day or time; write it as 2026-11-24 or 2026-11-24T06:00:00+00:00") from error
    return at if at.tzinfo else at.replace(tzinfo=UTC)
