"""What the routes and verbs of recordings do. There is no command of their own: `calls import` and `interviews import` call
them."""

from itertools import count
from pathlib import Path
from typing import Any

from agent.calls.store import Calls
from agent.interviews.store import Interviews
from agent.speech.hearing_files import HeardFolder
from agent.speech.model import HeardRecording
from agent.speech.store import Recordings
from agent.speech.words import HeardWord
from tests.api.walk import EVERYBODY, TEAM, Walk
from tests.app.acts import written

_numbers = count(1)


def recorded(site: Any, document: Any) -> dict[str, str]:
    """The id of a document whose recording is kept."""
    folder = HeardFolder(Path(written(site, f"heard-{next(_numbers)}")))
    words = tuple(
        HeardWord(text=word, start=float(at), end=at + 0.5)
        for at, word in enumerate(" ".join(turn.text for turn in document.transcript.turns).split())
    )
    sound = f"{next(_numbers):064d}"
    heard = HeardRecording(sound=sound, seconds=60.0, model="m", tracks=(words,), requests=())
    folder.put(heard, b"ID3" + bytes(1000))
    site.space.store[Recordings].keep(document.transcript, folder, sound)
    return {"ident": document.id}


WALK: dict[str, Any] = {
    "GET /calls/{ident}/sound": Walk(
        EVERYBODY, path=lambda site: recorded(site, site.space.store[Calls].get("call-3")), status_of={"rep": 404}
    ),
    "GET /interviews/{ident}/sound": Walk(
        TEAM, path=lambda site: recorded(site, site.space.store[Interviews].get("int-1"))
    ),
}
ACTS: list[Any] = []
NOT_ACTED = {"speech.verbs.hear": "tests/speech/test_importing.py::test_hearing_stands_in_the_audit_log"}
