"""What making a backup does."""

from itertools import count

from agent.backup import verbs
from tests.app.acts import Act

_numbers = count()


def new_file(site):
    return site.space.settings.workspace.parent / f"backup-{next(_numbers)}.tar"


WALK: dict[str, object] = {}

ACTS = [
    Act(
        verbs.back_up,
        lambda site: [new_file(site)],
        command=lambda site: ["backup", str(new_file(site))],
    ),
]

JSON: dict[str, object] = {}
NO_API = {
    "backup": "the whole workspace in one file: for whoever holds the machine",
    "restore": "makes the workspace that a server would serve",
}
