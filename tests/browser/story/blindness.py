"""Looking for what somebody rated, through every page and every route of the API."""

from __future__ import annotations

import io
import zipfile
from urllib.parse import urlencode

from agent.calibration.store import Rounds
from agent.ratings.store import Ratings
from tests.browser.addresses import addresses
from tests.browser.people import Person
from tests.browser.story.team import Team


def leaks(team: Team, looks: Person, name: str) -> list[str]:
    """The routes, of all pages and all of the API, whose reply to `looks` gives away what `name` rated in round 1."""
    space = team.served.space()
    every = addresses(space, 1, team.rep.name)
    calls = space.store[Rounds].get("1").calls
    by_name = [r for r in space.store[Ratings].current() if r.rater == name]
    space.store.close()
    every |= {f"rating {r.id}": f"/api/v1/ratings/{r.id}" for r in by_name}
    every |= {f"call {ident}": f"/calls/{ident}" for ident in calls}
    every |= {"ratings of": f"/api/v1/ratings?{urlencode({'rater': name})}"}
    secrets = [f"{name.split()[0].lower()}-thinks", *(r.id for r in by_name)]
    found = []
    for route, address in every.items():
        answer = looks.page.request.get(address, max_redirects=5)
        assert answer.status < 500, address
        told = readable(answer.body())
        if answer.ok and any(secret in told for secret in secrets):
            found.append(route)
    return found


def readable(body: bytes) -> str:
    """The text of a reply; of a Word document that of its parts."""
    if not body.startswith(b"PK"):
        return body.decode(errors="replace")
    with zipfile.ZipFile(io.BytesIO(body)) as packed:
        return " ".join(packed.read(name).decode(errors="replace") for name in packed.namelist())
