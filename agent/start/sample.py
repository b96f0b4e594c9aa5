"""The shipped sample into a workspace: interviews, calls, calibration rounds and a season. Asks no model."""

from agent.app.telling import Note
from agent.app.verb import Who
from agent.calibration.store import Rounds
from agent.calibration.verbs import deploy_rubric, import_rounds
from agent.calls.intake import load_calls
from agent.calls.store import Calls
from agent.core.errors import InputError
from agent.core.people import Scope
from agent.interviews.intake import load_interviews
from agent.interviews.model import Interview
from agent.interviews.store import Interviews
from agent.outcomes.deal_file import DealMap, read_coaching, read_deals
from agent.outcomes.store import Deals
from agent.profiles.season import season
from agent.profiles.store import CoachingPeriods
from agent.profiles.verbs import draw_baselines
from agent.ratings.import_file import read_ratings
from agent.rubrics.file import read_rubric
from agent.rubrics.store import Rubrics
from agent.settings import shipped
from agent.text.intake import Intake
from agent.uploads.reading import store_ratings
from agent.workspace import Workspace


def import_calibration(space: Workspace, note: Note) -> None:
    """The sample's rubric in both wordings and its three rounds, after which it is deployed; what is there stays."""
    sample = shipped("sample") / "ledgerline"
    before = space.store[Rubrics].add(read_rubric(sample / "rubric-before.yaml", ""))
    rubric = space.store[Rubrics].add(read_rubric(sample / "rubric.yaml", ""))
    who = Who(space, Scope.everything(), as_name="the sample")
    if not space.store[Rounds].all():
        two, third = sample / "calibration" / "ratings.csv", sample / "calibration" / "round-3.csv"
        rounds = import_rounds(who, two, before, {}, only="1")
        rounds += import_rounds(who, two, rubric, {}, only="2")
        rounds += import_rounds(who, third, rubric, {})
        deploy_rubric(who, rubric.label)
        note(f"{len(rounds)} calibration rounds imported; {rubric.label} is deployed")


def import_history(space: Workspace, note: Note) -> None:
    """The sample's season into a workspace; again changes nothing. Asks no model."""
    history = shipped("sample") / "ledgerline" / "history"
    rubric = space.store[Rubrics].get("ledgerline-team")
    ratings = read_ratings(history / "ratings.csv", rubric)
    store_ratings(space, ratings, history / "ratings.csv", rubric.id)
    funnel, covered = space.stages.funnel_steps
    deals = read_deals(history / "deals.csv", funnel, DealMap(), covered)
    space.store[Deals].add(deals.rows)
    coaching = read_coaching(history / "coaching.csv", [c.id for c in rubric.criteria])
    space.store[CoachingPeriods].add(coaching.rows)
    if season(space, rubric=rubric.id).without_baseline:
        draw_baselines(Who(space, Scope.everything(), as_name="the sample"), rubric.id, only_missing=True)
    note(f"{len(ratings.ratings)} ratings, {len(deals.rows)} deals and {len(coaching.rows)} coaching cycles imported")


def sample_interviews() -> Intake[Interview]:
    """The sample's interviews as they are shipped."""
    folder = shipped("sample") / "ledgerline" / "interviews"
    return load_interviews(folder, folder / "interviews.csv")


def import_sample(space: Workspace, note: Note) -> None:
    """The sample's interviews and calls. InputError where the shipped files cannot be read."""
    sample = shipped("sample") / "ledgerline"
    interviews = sample_interviews()
    calls = load_calls(sample / "calls", sample / "calls" / "calls.csv")
    problems = (*interviews.problems, *calls.problems)
    if problems:
        raise InputError(f"the shipped sample cannot be read: {problems[0]}; install Closeread again")
    for interview in interviews.loaded:
        space.store[Interviews].add(interview)
    for call in calls.loaded:
        space.store[Calls].add(call)
    note(f"{len(interviews.loaded)} interviews and {len(calls.loaded)} calls imported")
