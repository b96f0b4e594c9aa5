"""Beginning a workspace from the pages, as `closeread init` does at a terminal."""

from agent.app.telling import Note, unsaid
from agent.app.verb import Who, verb
from agent.calls.store import Calls
from agent.core.errors import Conflict
from agent.interviews.store import Interviews
from agent.start.sample import import_calibration, import_history, import_sample


def is_bare(who: Who) -> bool:
    """Whether nothing was brought into the workspace yet."""
    return not who.space.store[Calls].count() and not who.space.store[Interviews].heard()


@verb("ops_lead", audit="sample_imported", subject=lambda made: made)
def use_sample(who: Who, note: Note = unsaid) -> str:
    """Begin with the shipped sample: interviews, calls, calibration and a season. It asks no model. Conflict where the
    workspace holds something already: made-up calls would stand among your own."""
    if not is_bare(who):
        raise Conflict("there are interviews or calls here already, and the sample would mix with them")
    import_sample(who.base, note)
    import_calibration(who.base, note)
    import_history(who.base, note)
    return "ledgerline"
