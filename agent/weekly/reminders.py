"""What waits for one person: the ratings of a calibration round, and disputes that are theirs to answer.

The week's summary tells it of everybody. Where a server for e-mail is set, each hears of the own: on the week's day,
and of a round's last day two days before and on the day itself.
"""

import logging
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from zoneinfo import ZoneInfo

from sqlalchemy import Engine, insert
from sqlalchemy.exc import IntegrityError

from agent.app.verb import Who
from agent.calibration.store import Rounds
from agent.core.language import N_, _, speaking
from agent.core.people import Scope, is_model
from agent.core.wording import day
from agent.db.schema_server import reminders
from agent.db.scoping import check_run
from agent.disputes.store import Disputes
from agent.disputes.views import how_long
from agent.people.store import People
from agent.webhooks.sending import hand_over
from agent.workspace import Workspace


class Reminders:
    """Who was reminded on which day."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def first(self, person: str, day: date) -> bool:
        """Note that a person is reminded; False where this program or another one has done it that day.
        Forbidden unless an ops lead."""
        check_run(self._scope, "remind people")
        try:
            with self._engine.begin() as connection:
                connection.execute(insert(reminders).values(person=person, day=day.isoformat()))
        except IntegrityError:
            return False
        return True


_DAYS_BEFORE = (2, 0)
log = logging.getLogger("closeread")


def waiting_on(who: Who, last_days: date | None = None) -> Iterator[tuple[str, str]]:
    """Whom something waits for, and what, in a sentence. `last_days`: only rounds whose
    last day is near on that day."""
    store, now = who.space.store, datetime.now(UTC)
    for found in store[Rounds].all():
        near = last_days is None or (found.deadline is not None and (found.deadline - last_days).days in _DAYS_BEFORE)
        for rater in found.waiting if found.blind and near else ():
            if not is_model(rater):
                yield rater, _round_waits(found.number, found.deadline)
    if last_days is not None:
        return
    hours: dict[str, list[float]] = defaultdict(list)
    for row in store[Disputes].open_ones(viewer=who.name):
        if row.assigned:
            hours[row.assigned].append(row.hours(now))
    for person, waited in sorted(hours.items()):
        many = len(waited)
        one = N_("a dispute to answer, which has waited {time}")
        more = N_("{n} disputes to answer, the oldest of which has waited {time}")
        yield person, _(one if many == 1 else more, n=many, time=how_long(max(waited)))


def _round_waits(number: int, deadline: date | None) -> str:
    if deadline is None:
        return _("calibration round {number} waits for ratings", number=number)
    if deadline < datetime.now(UTC).date():
        said = N_("calibration round {number} waits for ratings, which was due on {day}")
    else:
        said = N_("calibration round {number} waits for ratings, by {day}")
    return _(said, number=number, day=day(deadline))


def remind(space: Workspace, moment: datetime) -> list[str]:
    """Send everybody what waits for them, once a day at most; the names of those it was sent to."""
    rules = space.settings.weekly()
    here = moment.astimezone(ZoneInfo(rules.zone))
    if not space.settings.mail().host or here.hour < rules.hour:
        return []
    everything = here.weekday() == rules.weekday
    who, workspace = Who(space, Scope(local=True)), space.settings.said.language
    people = {one.name: one for one in space.store[People].all() if not one.disabled}
    names = {name for name, _sentence in waiting_on(who, None if everything else here.date()) if name in people}
    told: dict[str, list[str]] = defaultdict(list)
    sent = []
    for language in sorted({people[name].language or workspace for name in names}):
        with speaking(language):
            for name, sentence in waiting_on(who, None if everything else here.date()):
                if name in names and (people[name].language or workspace) == language:
                    told[name].append(sentence[:1].upper() + sentence[1:])
            sent += [name for name in told if _sent(space, people[name].email, name, here.date(), told[name])]
            told.clear()
    return sent


def _sent(space: Workspace, address: str, name: str, today: date, sentences: list[str]) -> bool:
    if not space.store[Reminders].first(name, today):
        return False
    message = EmailMessage()
    message["Subject"] = _("Closeread: this waits for you")
    message["To"] = address
    message.set_content("".join(f"- {sentence}.\n" for sentence in sentences))
    if problem := hand_over(space, message):
        log.warning("a reminder was not sent: %s", problem)
    return not problem
