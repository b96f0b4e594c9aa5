"""Figures computed in the background for page and API: the link with the win rate, funnels, weights, learned scores."""

from agent.core.errors import Advice, InputError
from agent.outcomes.funnels import Funnels, funnels_of
from agent.outcomes.learned import LearnedReport, learned_report
from agent.outcomes.links import LinkReport, link_report
from agent.outcomes.weights import TIED, Proposal, proposal_of
from agent.profiles.figures import Kind, Notes, warn_of_missing
from agent.profiles.season import rated_season
from agent.workspace import Workspace


def _link(space: Workspace, rubric: str, notes: Notes) -> LinkReport:
    season = rated_season(space, notes.append, rubric)
    if not season.baselines:
        raise InputError("no baseline is drawn", advice=Advice(command="baseline make", page="/profiles"))
    warn_of_missing(season, notes)
    return link_report(season)


def _funnels(space: Workspace, rubric: str, notes: Notes) -> Funnels:
    return funnels_of(space, rubric, notes.append)


def _weights(space: Workspace, rubric: str, notes: Notes) -> Proposal:
    proposal = proposal_of(rated_season(space, notes.append, rubric))
    notes.append(TIED[proposal.link])
    return proposal


def _learned(space: Workspace, rubric: str, notes: Notes) -> LearnedReport:
    return learned_report(rated_season(space, notes.append, rubric))


OUTCOMES = Kind("outcome link", LinkReport, _link)
FUNNEL = Kind("funnel", Funnels, _funnels)
WEIGHTS = Kind("weights", Proposal, _weights)
LEARNED = Kind("learned", LearnedReport, _learned)
