"""Criteria of which no interview tells."""

from __future__ import annotations

import pytest

from agent.core.errors import ConfigError, Conflict, InputError, NotFound
from agent.rubrics import drafts
from agent.rubrics.checks import rule_findings
from agent.rubrics.compliance import catalogue
from agent.rubrics.store import Rubrics
from agent.rubrics.verbs import add_compliance
from agent.settings import Settings
from agent.workspace import Workspace
from tests.builders import owner, rubric


@pytest.fixture
def space(tmp_path):
    space = Workspace(Settings.read(tmp_path / "w"))
    space.store[Rubrics].add(rubric())
    yield space
    space.store.close()


def test_every_rule_has_a_source_and_passes_the_checks_of_a_criterion(space):
    rules = catalogue(space)
    assert len(rules) >= 4
    for rule in rules:
        assert rule_findings(rule.criterion) == [], rule.criterion.id
        assert rule.source
        assert rule.where
        assert rule.text, "the law's own words"
        assert rule.link.startswith("https://")
        assert {e.kind for e in rule.criterion.examples} == {"present", "absent"}
        assert set(rule.criterion.anchors) == set(rule.criterion.levels)


def test_one_is_added_to_the_working_copy_with_its_source(space):
    add_compliance(owner(space), rubric().id, ["recording_told"])
    added = drafts.opened(space, rubric()).working.criteria[-1]
    assert added.id == "recording_told"
    assert "Penal Code, section 632(a)" in added.direction
    assert "without the consent of all parties to a confidential communication" in added.direction
    assert [r.rubric.id for r in space.store[Rubrics].all()] == [rubric().id]
    with pytest.raises(Conflict, match="in this rubric already"):
        add_compliance(owner(space), rubric().id, ["recording_told"])


@pytest.mark.parametrize(("rules", "error"), [([], InputError), (["nothing"], NotFound)])
def test_what_cannot_be_added_is_refused(space, rules, error):
    with pytest.raises(error):
        add_compliance(owner(space), rubric().id, rules)
    assert not drafts.opened(space, rubric()).open


def test_a_team_has_its_own_catalogue(space):
    folder = space.settings.workspace / "config"
    folder.mkdir()
    own = folder / "compliance.yaml"
    own.write_text("rules: []\n")
    assert catalogue(space) == []
    own.write_text("rules: [{source: House rule 4, where: all calls, criterion: {id: says_so}}]\n")
    with pytest.raises(ConfigError, match="criterion says_so lacks description, scale"):
        catalogue(space)
