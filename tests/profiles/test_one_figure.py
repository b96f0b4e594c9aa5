"""The sample's season on pages, in commands, documents, the report and the API: each figure is the same everywhere."""

import json
import re
from html import unescape

import pytest

from agent.app.telling import unsaid
from agent.core.marks import STATE_SIGNS
from agent.documents.after_scores import report_parts
from agent.documents.verbs import export_team_report
from agent.profiles.heat_map import team_heat_map
from agent.profiles.population import Population
from agent.profiles.season import season
from agent.start.sample import import_calibration, import_history, import_sample
from tests.api.conftest import made_site
from tests.cli.conftest import Shell

PERIODS = ("baseline", "cycle_3", "all")


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("sample")) as site:
        import_sample(site.space, unsaid)
        import_calibration(site.space, unsaid)
        import_history(site.space, unsaid)
        yield site


@pytest.fixture(params=PERIODS)
def period(request):
    return request.param


@pytest.fixture
def figures(site, period):
    found = team_heat_map(season(site.space), Population.named(period))
    assert len(found.rows()) == 126
    assert found.rubric.label == "ledgerline-team"
    return found


def cells(found):
    return {(row.rep, row.criterion): (row.score.value, row.score.n, row.state) for row in found.rows()}


def order(found):
    return [(gap.criterion, len(gap.reps)) for gap in found.gaps.team]


def test_api(site, figures, period):
    client = site.program("viewer")
    sent = client.get("/api/v1/profiles", params={"period": period, "limit": 200}).json()
    assert {
        (row["rep"], cell["criterion"]): (cell["score"]["value"], cell["score"]["n"], cell["state"])
        for row in sent["items"]
        for cell in row["cells"]
    } == cells(figures)
    gaps = client.get("/api/v1/gaps", params={"period": period}).json()
    for team in (sent["team"]["team_gaps"], gaps["team"]):
        assert [(gap["criterion"], len(gap["reps"])) for gap in team] == order(figures)
    assert sent["team"]["any_by_luck"] == gaps["any_by_luck"] == figures.gaps.any_by_luck
    assert sent["team"]["population"] == gaps["population"] == figures.title
    rep = figures.reps[0]
    own = client.get(f"/api/v1/profiles/{rep}", params={"period": period}).json()
    assert own["population"] == figures.title
    assert {row["criterion"]: (row["score"]["value"], row["score"]["n"], row["state"]) for row in own["profile"]} == {
        criterion: said for (name, criterion), said in cells(figures).items() if name == rep
    }


def test_pages(site, figures, period):
    page = unescape(site.browser("viewer").get("/profiles", params={"period": period, "limit": 200}).text)
    assert f"Over: {figures.title}." in page
    shown = re.findall(r'<td class="cell (?:p\d|few)" title="([^"]*)"', page)
    assert len(shown) == 126
    names = {criterion.id: criterion.name for criterion in figures.criteria}
    for said, ((_, criterion), (_, n, state)) in zip(shown, cells(figures).items(), strict=True):
        assert said.startswith(f"{names[criterion]}: ")
        assert f"{n} calls" in said
        assert said.endswith(f"; {state}")
    assert page.count("coach first") == len(figures.focus)


def test_commands(site, figures, period, capsys):
    shell = Shell(site.space.settings.workspace, capsys)
    shown = shell("baseline", "show", "--period", period, "--json").json
    assert shown["team"]["population"] == figures.title
    assert {
        (row["rep"], cell["criterion"]): (cell["score"]["value"], cell["score"]["n"], cell["state"])
        for row in shown["items"]
        for cell in row["cells"]
    } == cells(figures)
    gaps = shell("gaps", "--period", period, "--json").json
    assert gaps["population"] == figures.title
    assert [(gap["criterion"], len(gap["reps"])) for gap in gaps["team"]] == order(figures)
    assert gaps["any_by_luck"] == figures.gaps.any_by_luck


def test_documents(site, figures, period):
    document = export_team_report(site.who("ops_lead"), period=period)
    profiles, gaps, _ = document.data
    at = {name: place for place, name in enumerate(profiles.columns)}
    assert {
        (row[at["rep"]], row[at["criterion"]]): (row[at["rate or mean"]], row[at["n"]], row[at["state"]])
        for row in profiles.rows
    } == cells(figures)
    assert [(row[0], row[1]) for row in gaps.rows] == [(gap.rep, gap.criterion) for gap in figures.gaps.own]
    assert figures.title in document.subtitle
    listed = re.findall(r": (\d+) of \d+ reps are clearly below target", json.dumps(str(document.blocks)))
    assert [int(count) for count in listed] == [count for _, count in order(figures)]


def test_the_report_page_has_the_baselines_and_the_gaps_there_are_now(site):
    figures, now = team_heat_map(season(site.space), Population("baseline")), team_heat_map(season(site.space))
    assert now.title.startswith("cycle 3")
    parts = {part.id: part for part in report_parts(site.space, unsaid)}
    rows = {(rep, criterion): (score, state) for rep, criterion, score, state, _ in parts["baseline"].rows}
    assert len(rows) == 126
    for place, (value, n, state) in cells(figures).items():
        score, said = rows[place]
        assert said.partition(";")[0] == f"{STATE_SIGNS[state]} {state}"
        binary = figures.rubric.criterion(place[1]).scale.binary
        assert score.startswith(
            f"{round(value * n)} of {n} calls, {round(100 * value)} %" if binary else f"level {value:.1f} of "
        )
        assert f"{n} calls" in score
    team = [row[0] for row in parts["gaps"].rows if " of " in row[1]]
    assert team == [criterion for criterion, _ in order(now)]
    assert figures.title in parts["baseline"].sentences[0]
    assert now.title in parts["gaps"].sentences[0]


@pytest.mark.parametrize(
    ("command", "ident"),
    [("gaps", "gaps"), ("coach track", "coaching"), ("outcomes", "outcomes"), ("funnel", "funnel")],
)
def test_a_command_prints_what_the_report_says(site, capsys, monkeypatch, command, ident):
    monkeypatch.setenv("COLUMNS", "400")
    (part,) = (one for one in report_parts(site.space, unsaid) if one.id == ident)
    assert len(part.rows) > 3
    said = " ".join(Shell(site.space.settings.workspace, capsys)(*command.split()).out.split())
    for words in (*part.sentences, *(" ".join(row[: len(row) - part.aside]) for row in part.rows)):
        assert " ".join(words.split()) in said


def test_pages_api_commands_and_documents_are_of_the_same_calls_where_none_are_named(site, capsys):
    now = team_heat_map(season(site.space)).title
    shell, api = Shell(site.space.settings.workspace, capsys), site.program("viewer")
    assert f"Over: {now}." in site.browser("viewer").get("/profiles").text
    assert api.get("/api/v1/profiles").json()["team"]["population"] == now
    assert api.get("/api/v1/gaps").json()["population"] == now
    assert shell("gaps", "--json").json["population"] == now
    assert now in export_team_report(site.who("ops_lead")).subtitle
    assert shell("baseline", "show", "--json").json["team"]["population"].startswith("baseline, ")


def test_one_file_of_thresholds_works_for_every_command(site, capsys, tmp_path):
    """A section alone is enough: what it leaves out is as shipped."""
    config = site.space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    (config / "profiles.yaml").write_text("gaps: {shared_by: 4}\n")
    try:
        shell = Shell(site.space.settings.workspace, capsys)
        for command in (["gaps"], ["export", "report", "--out", tmp_path / "report.md"], ["baseline", "show"]):
            assert shell(*command).code == 0, shell.err
        (config / "profiles.yaml").write_text("gaps: {shared_by: 1}\n")
        for command in (["gaps"], ["export", "report", "--out", tmp_path / "report.md"]):
            assert shell(*command).code == 5
            assert "profiles.yaml:1: gaps.shared_by" in shell.err
    finally:
        (config / "profiles.yaml").unlink()
