"""The next steps of evals: suites that have to be run, runs that have to be accepted."""

from agent.app.queue.store import Jobs
from agent.app.steps import OPS, TEAM, Step, typed
from agent.app.verb import Who
from agent.core.language import _
from agent.evals.lists import suite_views


def eval_step(who: Who) -> Step:
    """The step shown on the page of evals."""
    job = next(iter(who.space.store[Jobs].open("evaluate")), None)
    if job is not None:
        text = _("{suite} is being run.", suite=job.params["suite"])
        return Step(text, f"/jobs/{job.id}", _("See how far it is"), f"job watch {job.id}", TEAM, waits=False)
    lines = [line for line in suite_views(who.space) if line.kind == "calls" and not line.problem]
    first = next((line for line in lines if line.newest is None or line.baseline is None), None)
    if first is None:
        text = _("Before a change, run the suite with it and compare that run with the baseline.")
        return Step(text, "/prompts", _("See which prompts have a draft"), "prompts list", TEAM)
    if first.newest is None:
        text = _(
            "{name} has not been run here. Run it once with what you use now: that is what "
            "later runs are held against.",
            name=first.name,
        )
        run = _("Run {name}", name=first.name)
        return Step(text, f"/evals/suites/{first.name}", run, f"eval run {typed(first.name)}", OPS)
    text = _("Look at the newest run of {name} and, if you stand by it, accept it as the baseline.", name=first.name)
    return Step(text, f"/evals/runs/{first.newest.id}", _("Look at the run"), f"eval show {first.newest.id}", OPS)
