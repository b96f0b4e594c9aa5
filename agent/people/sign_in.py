"""Signing in with a name and password: slow for guessers, and without telling which names exist."""

import sys
from dataclasses import dataclass
from ipaddress import IPv6Network

from fastapi import Request

from agent.app.web import context, sessions
from agent.app.web.problems import HttpProblem
from agent.core.language import N_
from agent.core.people import Person
from agent.db.audit import AuditLog
from agent.people.store import People, SignInFailures
from agent.people.store_sessions import LiveSessions

# Within `agent.people.store.WINDOW`. An office shares one address; one person does not mistype ten times. By name only
# from one address: else anybody could lock a colleague out from anywhere.
FAILURES_BY_NAME = 10
FAILURES_BY_ADDRESS = 50
# Somebody who guesses one name from many addresses: after so many failures of a name from everywhere, so few tries are
# left to each address. Nobody is locked out by it: whoever knows the password gets in with one.
FAILURES_FROM_EVERYWHERE = ((1_000, 1), (100, 2))
WRONG = N_("this name and password do not fit together")


@dataclass(frozen=True)
class Refused:
    """The sentence to show to somebody who was not let in."""

    text: str


def attempt(request: Request, name: str, password: str) -> Person | Refused:
    """Sign in. A wrong name takes as long as a wrong password, and gets the same answer.

    Raises 429 after too many failures with this name or from this address.
    """
    app = context.of(request)
    store = app.space.store
    ident, stored = store[People].credentials(name)
    # Both ways of writing one's name are one name here, or there would be twice as many guesses.
    network = _network(_address(request))
    everywhere = f"name:{ident or name.strip().casefold()[:200]}"
    name_key, address_key = f"{everywhere} from {network}", f"address:{network}"
    failures = store[SignInFailures]
    tries = next((few for many, few in FAILURES_FROM_EVERYWHERE if failures.of(everywhere) >= many), FAILURES_BY_NAME)
    if not failures.begin({name_key: tries, address_key: FAILURES_BY_ADDRESS, everywhere: sys.maxsize}):
        raise HttpProblem(429, "too_many", "too many attempts; wait a quarter of an hour", {"Retry-After": "900"})
    fits, newer = app.passwords.check(password, stored)
    if not fits:
        # Who it was meant to be stands in the log where there is such an account; what was typed does not: it may be a
        # password in the wrong field.
        store[AuditLog].append("sign_in_failed", ident, person="nobody signed in", address=_address(request))
        return Refused(WRONG)
    failures.succeeded(name_key, address_key)
    if newer:
        store[People].rehash(ident, newer)
    return welcome(request, store[People].get(ident))


def welcome(request: Request, person: Person, how: str = "password") -> Person:
    """Begin the session of a person who has proved who they are."""
    store = context.of(request).space.store
    sessions.begin(request, store[LiveSessions].begin(person.id))
    store[People].seen(person)
    store[AuditLog].append("signed_in", person.id, person=person.name, how=how)
    return person


def safe_target(path: str) -> str:
    """The path to go to after signing in; only one of ours, never another site's address."""
    # A browser reads "//host" and "/\\host" as another host, and drops tabs and line ends before it reads.
    ours = path.startswith("/") and not path.startswith("//") and "\\" not in path and path.isprintable()
    return path if ours else "/"


def _network(address: str) -> str:
    """The unit in which attempts are counted: an IPv4 address, or the /64 network of an IPv6 address, of which one
    customer usually has all."""
    try:
        return str(IPv6Network(f"{address}/64", strict=False))
    except ValueError:
        return address


def _address(request: Request) -> str:
    return request.client.host if request.client else ""
