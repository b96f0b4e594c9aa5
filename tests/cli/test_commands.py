import json
import os
import subprocess
import sys
from contextlib import suppress
from pathlib import Path

import pytest

from tests.builders import SAMPLE


def test_the_sample_is_imported_and_again_changes_nothing(with_sample):
    listed = with_sample("interviews", "list", "--json").json["items"]
    assert len(listed) == 18
    assert {i["outcome"] for i in listed} == {"won", "lost"}
    assert len(with_sample("calls", "list", "--json").json["items"]) == 40
    again = with_sample("calls", "import", SAMPLE / "calls", "--manifest", SAMPLE / "calls" / "calls.csv")
    assert again.code == 0
    assert "40 unchanged" in again.out


def test_a_command_leaves_nothing_of_its_workspace_open(with_sample):
    def opened():
        for one in Path("/proc/self/fd").iterdir():
            with suppress(FileNotFoundError):  # the one that lists them
                yield os.readlink(one)

    assert with_sample("calls", "list").code == 0
    assert [name for name in opened() if name.startswith(str(with_sample.folder))] == []


def test_everybody_on_the_buyers_side_is_a_buyer(with_sample):
    roles = with_sample("interviews", "show", "dev-int-16", "--json").json["roles"]
    assert sorted(name for name, role in roles.items() if role == "buyer") == ["Kenji Watanabe", "Lorraine Batista"]


def test_problems_are_one_line_each_and_the_rest_is_imported(closeread, tmp_path):
    folder = tmp_path / "calls"
    folder.mkdir()
    (folder / "good.txt").write_text("[00:00:01] Rae: Hello there.\n[00:00:05] Cus: Hello.\n")
    (folder / "empty.txt").write_text("")
    (folder / "late.txt").write_text("[00:00:09] Rae: Hello there.\n[00:00:05] Cus: Hello.\n")
    (folder / "binary.txt").write_bytes(b"\x00\x01\x02PK\xff" * 50)
    (folder / "latin.txt").write_bytes("[00:00:01] Rae: caf\xe9 at noon\n".encode("latin-1"))
    (folder / "other.txt").write_text("[00:00:01] Bob: Hello there.\n[00:00:05] Cus: Hello.\n")
    names = ["good", "empty", "late", "binary", "latin", "other"]
    rows = "".join(f"{n}.txt,2026-10-01,Rae\n" for n in names)
    (folder / "calls.csv").write_text(f"file,date,rep\n{rows}")
    ran = closeread("calls", "import", folder, "--manifest", folder / "calls.csv")
    assert ran.code == 3
    assert "3 imported" in ran.out  # words in Latin-1 are read as such
    assert "sides open: Bob" in ran.out  # stored, and left out of scoring until it is said who they are
    problems = [line for line in ran.err.splitlines() if line.startswith("problem:")]
    assert len(problems) == 3
    assert any("late.txt:2" in p for p in problems)
    assert [c["id"] for c in closeread("calls", "list", "--json").json["items"]] == ["other", "latin", "good"]


def test_a_renamed_column_is_mapped(closeread, tmp_path):
    (tmp_path / "a.txt").write_text("Rae: Hello there.\nCus: Hello.\n")
    (tmp_path / "m.csv").write_text("file,date,Opportunity Owner\na.txt,2026-10-01,Rae\n")
    refused = closeread("calls", "import", tmp_path, "--manifest", tmp_path / "m.csv")
    assert refused.code == 3
    assert "rep" in refused.err
    mapped = closeread("calls", "import", tmp_path, "--manifest", tmp_path / "m.csv", "--map", "Opportunity Owner=rep")
    assert mapped.code == 0


def test_an_unbound_role_says_the_command_that_binds_it(with_sample):
    ran = with_sample("score", "run")
    assert ran.code == 5
    assert "closeread model bind --role rater=" in ran.err
    assert with_sample("patterns", "extract").code == 5


def test_dry_runs_count_and_ask_nothing(with_sample, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/gpt-4.1-mini")
    plan = with_sample("score", "run", "--dry-run", "--json").json
    assert (plan["requests"], plan["to_send"]) == (40, 40)
    assert plan["usd_estimated"] > 0
    assert with_sample("patterns", "extract", "--dry-run", "--json").json["requests"] == 36
    assert with_sample("cost", "--json").json == {"items": []}


def test_what_is_not_there_is_named(closeread):
    assert closeread("patterns", "list").code == 3
    assert "closeread patterns extract" in closeread.err
    assert closeread("rubric", "show").code == 3
    assert closeread("calls", "show", "nobody").code == 3
    assert "'nobody'" in closeread.err


def test_a_rubric_with_only_what_is_needed_imports(closeread, tmp_path):
    path = tmp_path / "small.json"
    rows = [{"id": "asks_cost", "description": "Asks what the problem costs.", "scale": "binary"}]
    path.write_text(json.dumps({"criteria": rows}))
    assert closeread("rubric", "import", path).code == 0
    shown = closeread("rubric", "show", "--json").json
    assert shown["label"] == "small"
    assert shown["criteria"][0]["scale"] == "binary"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("criteria:\n  - {id: a, scale: binary}\n", "lacks description"),
        ("criteria:\n  - {id: a, description: d, scale: 1-9}\n", "scale"),
        ("criteria:\n  - {id: a, description: d, scale: binary, wieght: 2}\n", "wieght"),
        ("criteria:\n  - {id: a, description: d, scale: binary, anchors: {7: x}}\n", "outside the scale"),
        ("criteria: [\n", "is not YAML"),
        ("hello\n", "no list of criteria"),
    ],
)
def test_a_wrong_rubric_is_one_clear_line(closeread, tmp_path, text, said):
    path = tmp_path / "wrong.yaml"
    path.write_text(text)
    ran = closeread("rubric", "import", path)
    assert ran.code == 3
    assert said in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert closeread("rubric", "list", "--json").json["items"] == []


def test_an_exported_rubric_comes_back_as_the_same(with_sample, tmp_path):
    before = with_sample("rubric", "show", "--json").json
    for name in ("out.yaml", "out.json"):
        assert with_sample("rubric", "export", "--out", tmp_path / name).code == 0
        with_sample("rubric", "import", tmp_path / name)
        assert with_sample("rubric", "show", "--json").json == before
    assert len(with_sample("rubric", "list", "--json").json["items"]) == 1


def test_lint_without_a_model_applies_the_rules(closeread, tmp_path):
    path = tmp_path / "r.yaml"
    good = "Asks at least one question naming the customer's specific business consequence before presenting a solution"
    path.write_text(
        f'criteria:\n  - {{id: rapport, description: Builds rapport, scale: binary}}\n  - {{id: asks, description: "{good}", scale: binary}}\n'
    )
    closeread("rubric", "import", path)
    bad, fine = closeread("rubric", "lint", "--json").json
    assert bad["rules"]
    assert fine["rules"] == []


def test_every_command_has_help_that_says_something(closeread):
    for group in ("interviews", "calls", "patterns", "criteria", "rubric", "score", "ratings", "model", "prompts"):
        assert closeread(group, "--help").code == 0
        assert "Usage" in closeread.out


def test_nothing_heavy_is_imported_at_start():
    heavy = ("pydantic", "openai", "litellm", "instructor", "sqlalchemy", "numpy", "scipy", "rich", "jinja2", "yaml")
    code = f"import sys, agent.main; print([m for m in {heavy!r} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
