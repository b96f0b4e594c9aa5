"""What the verbs and commands of sources do. There are no routes: an address is read with this machine's rights, so only
somebody at the machine may name one."""

from itertools import count
from pathlib import Path
from typing import Any

from agent.core.people import Scope
from agent.db.transcripts import now
from agent.sources import verbs
from agent.sources.model import Source
from agent.sources.store import Sources
from tests.app.acts import Act, written

_NUMBERS = count(1)
WORDS = "Rae: What does call {n} cost you?\nCleo: About {n} pounds a week.\nRae: And whom?\nCleo: The fitters.\n"


def folder(site):
    """A folder with a transcript that nobody has brought in yet."""
    number = next(_NUMBERS)
    made = Path(written(site, f"source-{number}"))
    made.mkdir(parents=True)
    (made / f"source-call-{number}.txt").write_text(WORDS.format(n=number))
    (made / "manifest.csv").write_text(f"file,date,rep,customer\nsource-call-{number}.txt,2026-03-01,Rae,Cleo\n")
    return str(made)


def source(site):
    """The name of a source on such a folder."""
    name = f"walk-{next(_NUMBERS)}"
    site.space.store.seen_by(Scope.everything())[Sources].add(Source(name, "call", folder(site), "ops_lead", now()))
    return name


WALK: dict[str, Any] = {}
ACTS = [
    Act(
        verbs.add_source,
        lambda site: [f"new-{next(_NUMBERS)}", "call", folder(site)],
        command=lambda site: ["source", "add", f"new-{next(_NUMBERS)}", folder(site)],
    ),
    Act(
        verbs.take_source,
        lambda site: [source(site)],
        command=lambda site: ["source", "take", source(site)],
    ),
    Act(
        verbs.remove_source,
        lambda site: [source(site)],
        command=lambda site: ["source", "remove", source(site)],
    ),
]
_WHY = "an address is read with this machine's rights, so only somebody at the machine may name one"
NO_API = {"source list": _WHY, "source add": _WHY, "source take": _WHY}
JSON: dict[str, Any] = {}
