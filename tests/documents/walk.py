"""What the routes, verbs and commands that hand out documents do."""

from __future__ import annotations

from agent.documents import verbs
from agent.guides.file import read_guides, write_guides
from tests.api.walk import EVERYBODY, TEAM, Walk
from tests.app.acts import Act, written
from tests.calibration.walk import revealed
from tests.patterns.made import extracted
from tests.profiles.walk import rated

V1 = {"ref": "v1"}
RAE = {"rep": "Rae", "rubric": "v1"}


def guides(site):
    return read_guides(site.space.settings.config_path("guide.yaml"))


def guide_file(site):
    path = written(site, "guide.yaml")
    with open(path, "w", encoding="utf-8") as file:
        file.write(write_guides(guides(site)))
    return path


def with_patterns(site):
    extracted(site.space)
    return rated(site)


WALK = {
    "GET /rubric/{ref}/guide/{format}": Walk(TEAM, path={**V1, "format": "html"}),
    "GET /api/v1/rubrics/{ref}/guide": Walk(TEAM, path=V1),
    "GET /calibration/{number}/record": Walk(TEAM, path=revealed),
    "GET /api/v1/rounds/{number}/record": Walk(TEAM, path=revealed, query={"format": "md"}),
    "GET /profiles/{rep}/scorecard": Walk(EVERYBODY, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/documents/scorecard": Walk(EVERYBODY, path=rated, query={**RAE, "format": "md"}),
    "GET /scores": Walk(EVERYBODY, query={"rubric": "v1"}),
    "GET /api/v1/documents/scores": Walk(EVERYBODY, query={"rubric": "v1"}),
    "GET /team-report": Walk(TEAM, path=rated, query={"rubric": "v1"}),
    "GET /api/v1/documents/team-report": Walk(TEAM, path=rated, query={"rubric": "v1", "format": "md"}),
    "GET /summary": Walk(TEAM, path=with_patterns, query={"rubric": "v1"}),
    "GET /api/v1/documents/summary": Walk(TEAM, path=with_patterns, query={"rubric": "v1", "format": "md"}),
    "GET /report": Walk(TEAM, path=with_patterns, query={"rubric": "v1"}),
    "GET /api/v1/documents/report": Walk(TEAM, path=with_patterns, query={"rubric": "v1"}),
}

ACTS = [
    Act(
        verbs.export_scoring_guide,
        lambda site: ["v1"],
        routes=["GET /rubric/{ref}/guide/{format}", "GET /api/v1/rubrics/{ref}/guide"],
        command=lambda site: ["export", "scoring-guide", "--rubric", "v1"],
    ),
    Act(
        verbs.export_calibration,
        lambda site: [revealed(site)["number"]],
        routes=["GET /calibration/{number}/record", "GET /api/v1/rounds/{number}/record"],
        command=lambda site: [
            *("export", "calibration", revealed(site)["number"], "--out", written(site, "round.md")),
        ],
    ),
    Act(
        verbs.export_scorecard,
        lambda site: [rated(site)["rep"], "v1"],
        routes=["GET /profiles/{rep}/scorecard", "GET /api/v1/documents/scorecard"],
        command=lambda site: [
            *("export", "scorecard", "--rep", rated(site)["rep"], "--rubric", "v1", "--out", written(site, "card.md")),
        ],
    ),
    Act(
        verbs.export_scores,
        lambda site: ["v1"],
        routes=["GET /scores", "GET /api/v1/documents/scores"],
        command=lambda site: ["export", "scores", "--rubric", "v1", "--out", written(site, "scores.csv")],
    ),
    Act(
        verbs.export_team_report,
        lambda site: [rated(site) and "v1"],
        routes=["GET /team-report", "GET /api/v1/documents/team-report"],
        command=lambda site: ["export", "report", "--rubric", "v1", "--out", written(site, "team.md")],
    ),
    Act(
        verbs.export_summary,
        lambda site: [with_patterns(site) and "v1"],
        routes=["GET /summary", "GET /api/v1/documents/summary"],
        command=lambda site: (
            with_patterns(site) and ["export", "summary", "--rubric", "v1", "--out", written(site, "summary.md")]
        ),
    ),
    Act(
        verbs.export_report,
        lambda site: [with_patterns(site) and "A title", "v1"],
        routes=["GET /report", "GET /api/v1/documents/report"],
        command=lambda site: (
            with_patterns(site) and ["report", "--rubric", "v1", "--out", written(site, "report.html")]
        ),
    ),
    Act(
        verbs.export_guide,
        lambda site: [guides(site)],
        command=lambda site: ["export", "guide", guide_file(site), "--out", written(site, "guide.md")],
    ),
]
