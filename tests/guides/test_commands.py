import json

import pytest
import yaml

from agent.guides.file import read_guides, write_guides
from tests.documents.cases import keep_extraction


@pytest.fixture
def guide_file(with_sample, tmp_path):
    path = tmp_path / "guide.yaml"
    assert with_sample("guide", "draft", "--template", "--out", path).code == 0
    return path


def test_the_template_is_a_guide_for_both_outcomes_at_the_same_stages(guide_file, with_sample):
    won, lost = read_guides(guide_file)
    assert [won.outcome, lost.outcome] == ["won", "lost"]
    assert {q.stage for q in won.questions} == {q.stage for q in lost.questions}
    assert 6 <= len(won.questions) <= 10
    listed = with_sample("guide", "lint", guide_file, "--json").json["items"]
    assert len(listed) == len(won.questions) + len(lost.questions)
    assert [row for row in listed if row["findings"]] == []
    assert with_sample.err == ""


def test_a_guide_file_comes_back_as_it_was(guide_file):
    guides = read_guides(guide_file)
    guide_file.write_text(write_guides(guides), encoding="utf-8")
    assert read_guides(guide_file) == guides


def test_lint_of_a_text_file_has_a_row_for_every_question(closeread, tmp_path):
    path = tmp_path / "questions.txt"
    path.write_text("\ufeffWhy did you choose us?\r\n\r\n# notes\r\nWhat did the rep ask first?\r\n", encoding="utf-8")
    why, fine = closeread("guide", "lint", path, "--json").json["items"]
    assert (why["line"], why["question"]) == (1, "Why did you choose us?")
    assert [set(f) for f in why["findings"]] == [{"rule", "why", "rewrite", "by"}]
    assert why["findings"][0]["rule"] == "rationalisation"
    assert fine == {"line": 4, "question": "What did the rep ask first?", "findings": []}
    assert "2 questions" in closeread.err
    shown = closeread("guide", "lint", path).out
    assert "ask: " in shown


def test_without_a_model_a_draft_says_the_line_to_write(closeread):
    assert closeread("guide", "draft", "--outcome", "won").code == 5
    assert "closeread model bind --role drafter=" in closeread.err
    assert closeread("guide", "draft").code == 2


def test_stages_are_chosen_by_id(closeread):
    drafted = closeread("guide", "draft", "--template", "--outcome", "lost", "--stages", "demo,proposal")
    assert drafted.code == 0
    assert {q["stage"] for q in yaml.safe_load(drafted.out)["lost"]} == {"demo", "proposal"}
    assert "3 questions" in drafted.err
    assert closeread("guide", "draft", "--template", "--stages", "dance").code == 2
    assert "'dance'" in closeread.err


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("g.yaml", "won: [\n", "is not YAML"),
        ("g.yaml", "", "is empty"),
        ("g.yaml", "maybe:\n- question: x\n", "maybe"),
        ("g.yaml", "won: x\n", "where a list is needed"),
        ("g.yaml", "won:\n- {question: ''}\n", "g.yaml:2: won.0.question: should have"),
        ("g.yaml", "won:\n- {question: x, kind: y}\n", "kind"),
        ("g.yaml", "won:\n- {question: x, probes: 3}\n", "won.0.probes: holds 3, where a list is needed"),
        ("g.txt", "\n\n", "no question"),
    ],
)
def test_a_wrong_file_is_one_clear_line(closeread, tmp_path, name, text, said):
    path = tmp_path / name
    path.write_text(text)
    ran = closeread("guide", "lint", path)
    assert ran.code == 3
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_review_needs_an_extraction(guide_file, with_sample):
    assert with_sample("guide", "review", guide_file).code == 3
    assert "patterns extract" in with_sample.err


def test_a_review_shows_what_each_kind_of_question_brought(guide_file, with_sample):
    keep_extraction(with_sample.folder)
    found = with_sample("guide", "review", guide_file, "--json").json
    assert found["interviews"] == 2
    assert len(found["questions"]) == 14
    assert sum(kind["asked"] for kind in found["kinds"]) > 10
    shown = with_sample("guide", "review", guide_file).out
    assert "no rule broken" in shown
    assert "were not asked in these words" in shown


def test_a_guide_is_exported_by_either_command(guide_file, with_sample, tmp_path):
    for words in (["guide", "export"], ["export", "guide"]):
        out = tmp_path / f"{words[0]}.md"
        assert with_sample(*words, guide_file, "--out", out).code == 0
        text = out.read_text()
        assert "# Interview guide" in text
        assert "Walk me through the demo" in text
        assert text.count("\\_" * 40) >= 14


def test_a_dry_run_of_a_draft_asks_nothing(closeread, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/gpt-4.1-mini")
    assert "1 requests to send" in closeread("guide", "draft", "--outcome", "won", "--dry-run").out
    assert json.loads(closeread("cost", "--json").out) == {"items": []}
