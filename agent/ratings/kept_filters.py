"""Filters of the list of calls that a person keeps under a name, to look at the same calls again."""

import secrets
from typing import Literal
from urllib.parse import parse_qs, urlencode

from pydantic import Field
from sqlalchemy import Engine, delete, func, insert, select
from sqlalchemy.exc import IntegrityError

from agent.app.verb import Who, verb
from agent.app.view import View
from agent.core.errors import Conflict, InputError, NotFound
from agent.core.language import NS_, _
from agent.core.people import ROLES, Scope
from agent.db.schema_server import kept_filters
from agent.db.scoping import check_run
from agent.db.transcripts import now

Column = Literal["date", "rep", "stage", "criteria", "shown"]
COLUMNS: dict[Column, str] = dict(
    zip(("date", "rep", "stage", "criteria", "shown"), NS_("Date", "Rep", "Stage", "Criteria", "Shown"), strict=True)
)
_MOST = 30
_LONGEST_NAME = 60
_c = kept_filters.c


class CallsShown(View):
    """Which calls the list shows, and in which columns. `hide` names those left out. A deal is
    looked up rather than kept: no name of a customer stays in it."""

    rep: str = Field("", max_length=200)
    stage: str = Field("", max_length=200)
    first: str = Field("", max_length=20, description="On this day or later.")
    last: str = Field("", max_length=20, description="On this day or earlier.")
    show: Literal["", "rated", "unrated", "low"] = ""
    rubric: str = Field("", max_length=200)
    criterion: str = Field("", max_length=100)
    result: Literal["", "shown", "not_shown", "not_applicable", "failed", "differs"] = ""
    hide: tuple[Column, ...] = ()

    @property
    def query(self) -> str:
        """As it stands in an address."""
        return urlencode({name: value for name, value in self.data().items() if value}, doseq=True)

    @classmethod
    def asked(cls, query: str) -> dict[str, str | list[str]]:
        """The fields that stand in an address."""
        told = {name: values for name, values in parse_qs(query).items() if name in cls.model_fields}
        return {name: values if name == "hide" else values[-1] for name, values in told.items()}


class KeptFilters(View):
    """Filters that a person keeps."""

    name: str
    filters: CallsShown


class KeptFiltersStore:
    """What people keep. Each reads and changes the own: verbs see to it, so only the owner of the database may ask."""

    def __init__(self, engine: Engine, scope: Scope) -> None:
        self._engine, self._scope = engine, scope

    def of(self, person: str) -> list[KeptFilters]:
        """Those of a person (an id), by name."""
        check_run(self._scope, "read what people keep")
        query = select(_c.name, _c.body).where(_c.person == person).order_by(func.lower(_c.name), _c.name)
        with self._engine.connect() as connection:
            return [
                KeptFilters(name=row.name, filters=CallsShown.model_validate_json(row.body))
                for row in connection.execute(query)
            ]

    def keep(self, person: str, kept: KeptFilters) -> None:
        """Keep filters in the place of those of the same name. Conflict beyond thirty, NotFound without an account."""
        check_run(self._scope, "change what people keep")
        own = _c.person == person
        row = {"id": f"kf-{secrets.token_hex(6)}", "person": person, "name": kept.name, "at": now()}
        try:
            with self._engine.begin() as connection:
                connection.execute(delete(kept_filters).where(own, _c.name == kept.name))
                if connection.execute(select(func.count()).select_from(kept_filters).where(own)).scalar_one() >= _MOST:
                    raise Conflict(f"{_MOST} are kept already; forget one first")
                connection.execute(insert(kept_filters).values(row | {"body": kept.filters.model_dump_json()}))
        except IntegrityError as error:
            raise NotFound(f"there is no account {person!r}") from error

    def forget(self, person: str, name: str) -> None:
        """Forget those of that name. NotFound if there are none."""
        check_run(self._scope, "change what people keep")
        with self._engine.begin() as connection:
            if connection.execute(delete(kept_filters).where(_c.person == person, _c.name == name)).rowcount == 0:
                raise NotFound(f"no filters are kept as {name!r}")


def kept_by(who: Who) -> list[KeptFilters]:
    """What whoever asks has kept; nothing where that is no person."""
    return who.base.store[KeptFiltersStore].of(who.person.id) if who.person else []


@verb(*ROLES, audit="filters_kept")
def keep_filters(who: Who, name: str, filters: CallsShown) -> KeptFilters:
    """Keep filters of the list of calls under a name; those kept under it before are replaced."""
    name = " ".join(name.split())
    if not name:
        raise InputError(_("give the filters a name"))
    if len(name) > _LONGEST_NAME:
        raise InputError(_("a name has at most {most} letters", most=_LONGEST_NAME))
    kept = KeptFilters(name=name, filters=filters)
    who.base.store[KeptFiltersStore].keep(_own(who), kept)
    return kept


@verb(*ROLES, audit="filters_forgotten")
def forget_filters(who: Who, name: str) -> None:
    """Forget filters that were kept."""
    who.base.store[KeptFiltersStore].forget(_own(who), name)


def _own(who: Who) -> str:
    if who.person is None:
        raise InputError(_("a token without a person keeps nothing; make one for a person"))
    return who.person.id
