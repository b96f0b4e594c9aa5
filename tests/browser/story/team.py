"""Who is in the story, and how they come in."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Coroutine
from dataclasses import dataclass
from typing import Any

from tests.browser.people import Open, Person, invited, welcomed
from tests.browser.served import AS_SAID_IN, Served

LEAD, MARA, BEN, VIK, PRIYA = "Olu Lead", "Mara Voss", "Ben Osei", "Vik Rao", "Priya Raman"
FIRST = (
    "Aurelia",
    "Bartholomew",
    "Clementine",
    "Dmitri",
    "Evangeline",
    "Ferdinand",
    "Guadalupe",
    "Hezekiah",
    "Ignatius",
    "Josephine",
)
LAST = ("Featherstonehaugh", "van der Westhuizen", "Okonkwo-Lindqvist", "de la Fuente", "Papadopoulos", "Ng")
SIXTY = [f"{first} {last}" for last in LAST for first in FIRST]
CHOSEN = 7  # of the sixty, who disputes and is coached
# Calls of Priya's in no round: the recorded rater quotes a question in one, and rates an invitation absent in the other.
QUOTED, DISPUTED = "dev-call-02", "dev-call-04"
KEPT = {
    "asked_problem_consequence": "Asks what the problem leads to",
    "confirmed_customer_target": "Says target back for confirmation",
    "invited_most_affected": "Invites the person most affected",
}


@dataclass(frozen=True)
class Team:
    """Everybody in the story, and the server they use. With `many`, the rep is one of sixty whose calls come too."""

    served: Served
    lead: Person
    mara: Person
    ben: Person
    viewer: Person
    rep: Person
    many: bool = False

    def own(self, call: str) -> str:
        """The rep's own call with the words of that call of the sample."""
        return f"{CHOSEN}{AS_SAID_IN}{call}" if self.many else call


def gathered(served: Served, open_page: Open, *, many: bool = False) -> Team:
    """The first admin by the set-up link, who invites the others."""
    lead = welcomed(open_page(), served.link, LEAD, "olu@example.com")
    mara = invited(lead, open_page, MARA, "manager")
    ben = invited(lead, open_page, BEN, "manager")
    viewer = invited(lead, open_page, VIK, "viewer")
    name = SIXTY[CHOSEN] if many else PRIYA
    return Team(served, lead, mara, ben, viewer, invited(lead, open_page, name, "rep", name), many)


def prepared(work: Coroutine[Any, Any, Any]) -> Any:
    """Run to its end in a thread: playwright's own loop runs in this one."""
    came: list[Any] = []
    thread = threading.Thread(target=lambda: came.append(asyncio.run(work)))
    thread.start()
    thread.join()
    assert came, "the replies could not be prepared"
    return came[0]
