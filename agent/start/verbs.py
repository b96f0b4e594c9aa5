"""Beginning a workspace from the pages, as `closeread init` does at a terminal."""

from agent.app.telling import Note, unsaid
from agent.app.verb import Who, verb
from agent.calls.store import Calls
from agent.core.errors import Conflict
from agent.interviews.store import Interviews
from agent.start.sample import import_calibration, import_history, import_sample, sample_interviews


def is_bare(who: Who) -> bool:
    """Whether nothing was brought into the workspace yet."""
    return not who.space.store[Calls].count() and not who.space.store[Interviews].heard()


def _holds_the_sample(who: Who) -> bool:
    heard = {interview.id for interview in who.space.store[Interviews].all()}
    return bool(heard) and heard <= {interview.id for interview in sample_interviews().loaded}


@verb("ops_lead", audit="sample_imported", subject=lambda made: made)
def use_sample(who: Who, note: Note = unsaid, *, again: bool = False) -> str:
    """Begin with the shipped sample: interviews, calls, calibration and a season. It asks no model. Conflict where the
    workspace holds something already: made-up calls would stand among your own. `again`: where it holds the sample,
    what is missing of it is added."""
    if not is_bare(who) and not (again and _holds_the_sample(who)):
        raise Conflict("there are interviews or calls here already, and the sample would mix with them")
    import_sample(who.base, note)
    import_calibration(who.base, note)
    import_history(who.base, note)
    return "ledgerline"
