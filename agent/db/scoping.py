"""What a scope may read and write, said once. Every collection asks here; none decides for itself.

    read      a rep gets rows of the own name only, through `own`; whoever is a rep without a name gets none.
    team      what is no rep's to see (interviews, patterns, rounds): lists are empty and ids are not found, so that
              nothing tells what exists; sums over the whole team are `Forbidden`.
    write     `may_rate` (rating, coaching, answering) and `may_run` (everything else) are `Forbidden` to the others.
    viewer    blindness goes by the scope's own name: nobody can look as somebody else.

A local scope is the owner of the database, the command line: it may do everything and says under which name it looks.
"""

from collections.abc import Iterable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, false, select

from agent.core.errors import Forbidden
from agent.core.people import Scope, is_model
from agent.db.schema import calls

Q = TypeVar("Q", bound=Select[Any])

_ROLE_NAMES = {"ops_lead": "an ops lead", "manager": "a manager", "rep": "a rep", "viewer": "a viewer"}


def own(query: Q, column: ColumnElement[str], scope: Scope) -> Q:
    """`query` limited to rows whose `column` names the scope's rep; unchanged if the scope covers every rep."""
    condition = is_own(column, scope)
    return query if condition is None else query.where(condition)


def is_own(column: ColumnElement[str], scope: Scope) -> ColumnElement[bool] | None:
    """The condition that `own` adds; None if the scope covers every rep."""
    if scope.only_rep is None:
        return None
    # A call imported without a rep has an empty name: a rep without a name must not match it.
    return column == scope.only_rep if scope.only_rep else false()


def sees_team(scope: Scope) -> bool:
    """Whether the scope covers more than one rep."""
    return scope.only_rep is None


def check_team(scope: Scope, what: str) -> None:
    """Raises Forbidden for a rep; `what` says what was asked for."""
    if not sees_team(scope):
        raise Forbidden(f"{_ROLE_NAMES[scope.role]} may not see {what}: it is about the whole team")


def check_rate(scope: Scope, what: str) -> None:
    """Raises Forbidden for people who may not rate, coach and answer disputes."""
    if not scope.may_rate:
        raise Forbidden(f"{_ROLE_NAMES[scope.role]} may not {what}; a manager or an ops lead may")


def check_run(scope: Scope, what: str) -> None:
    """Raises Forbidden for people who may not change rubrics, rounds, uploads, people and money."""
    if not scope.may_run:
        raise Forbidden(f"{_ROLE_NAMES[scope.role]} may not {what}; an ops lead may")


def viewer_name(scope: Scope, viewer: str = "") -> str:
    """The name by which blind rounds hide ratings: `viewer` if the owner of the database asks, otherwise always the
    scope's own."""
    return viewer if scope.local else scope.name


def check_name(scope: Scope, name: str, what: str) -> None:
    """Raises Forbidden for somebody who acts under another person's name."""
    if not scope.local and (not name or name != scope.name):
        raise Forbidden(f"{scope.name or 'a token without a person'} may not {what} as {name or 'nobody'}")


def check_raters(scope: Scope, raters: Iterable[str]) -> None:
    """Raises Forbidden unless the ratings are the scope's own; only an ops lead may add ratings of a model or an
    import."""
    check_rate(scope, "rate calls")
    for rater in set(raters):
        if is_model(rater) or rater.startswith(("import:", "settled:", "agreed:")):
            check_run(scope, "add ratings by a model or out of a file")
        else:
            check_name(scope, rater, "rate")


def own_calls(query: Q, column: ColumnElement[str], scope: Scope) -> Q:
    """`query` limited to rows whose `column` names a call of the scope's rep; unchanged if the scope covers every
    rep."""
    condition = is_own(calls.c.rep, scope)
    return query if condition is None else query.where(column.in_(select(calls.c.id).where(condition)))
