"""The same words under another name are found at the import, and not counted twice."""

import random
import re
from importlib import import_module

import pytest
from alembic.migration import MigrationContext
from alembic.operations import Operations

from agent.db.word_prints import LEAST_WORDS, Print
from agent.settings import Settings
from agent.workspace import Workspace

WORDS = [f"word{n}" for n in range(400)]


def talk(words, name="Cus"):
    half = len(words) // 2
    return f"Rae: {' '.join(words[:half])}\n{name}: {' '.join(words[half:])}\n"


@pytest.fixture
def bring(closeread, tmp_path):
    def made(**files):
        rows = ["file,date,rep"]
        for name, text in files.items():
            (tmp_path / f"{name}.txt").write_text(text)
            rows.append(f"{name}.txt,2026-03-04,Rae")
        (tmp_path / "m.csv").write_text("\n".join(rows))
        closeread("calls", "import", tmp_path, "--manifest", tmp_path / "m.csv", "--json")
        for name in files:
            (tmp_path / f"{name}.txt").unlink()
        return closeread.json

    return made


def test_the_same_words_are_refused_and_near_ones_named(bring, closeread):
    rng = random.Random(7)
    words = rng.choices(WORDS, k=300)
    assert bring(a=talk(words))["counts"]["new"] == 1
    again = bring(
        b=talk(words, "Ann Lee"), c=talk([*words[:290], *rng.choices(WORDS, k=20)]), d=talk(rng.choices(WORDS, k=300))
    )
    refused, noted = again["lines"]
    assert refused["what"] == "b has the same words as a: they are not counted twice"
    assert (noted["id"], noted["how"], noted["file"]) == ("c", "new", "c.txt")
    assert re.fullmatch(r"about \d\d % of the words are those of a: is it the same call\?", noted["what"]), noted
    assert again["counts"] == {"new": 2, "problems": 1}
    assert bring(a=talk(words))["counts"] == {"unchanged": 1, "problems": 0}


def test_two_files_of_one_import_are_compared_and_short_ones_are_named_alone(bring, closeread, tmp_path):
    words = WORDS[:100]
    both = bring(a=talk(words), b=talk(words))
    assert (both["counts"]["new"], both["lines"][0]["id"]) == (1, "b")
    short = WORDS[: LEAST_WORDS - 4]
    assert bring(x=talk(short), y=talk(short))["counts"]["new"] == 2
    (tmp_path / "z.txt").write_text(talk(short))
    (tmp_path / "m.csv").write_text("file,date,rep\nz.txt,2026-03-04,Rae\n")
    named = closeread("calls", "import", tmp_path, "--manifest", tmp_path / "m.csv").out
    assert "all of the words are those of x: is it the same call?" in " ".join(named.split())


def test_words_from_before_an_upgrade_are_compared_too(bring, closeread, monkeypatch):
    """Before 0025 short transcripts were kept without a fingerprint, before 0013 all were."""
    short = WORDS[: LEAST_WORDS - 4]
    long = WORDS[:100]
    bring(a=talk(short), b=talk(long))
    space = Workspace(Settings.read(closeread.folder))
    with space.store.engine.begin() as connection:
        connection.exec_driver_sql("UPDATE word_prints SET words = '', sketch = '' WHERE words LIKE '-%'")
        connection.exec_driver_sql("DELETE FROM word_prints WHERE words <> ''")
        with Operations.context(MigrationContext.configure(connection)):
            import_module("agent.db.migrations.versions.0025_short_prints").upgrade()
    space.store.close()
    monkeypatch.setattr("agent.db.word_prints._FILLED_AT_ONCE", 1)
    again = bring(c=talk(short), d=talk(long), e=talk(short, "Ann Lee"))
    said = {line["id"]: line["what"] for line in again["lines"]}
    assert said["d"] == "d has the same words as b: they are not counted twice"
    assert said["c"] == said["e"] == "all of the words are those of a: is it the same call?"


@pytest.mark.parametrize("kept", [1.0, 0.95, 0.5, 0.0])
def test_the_share_is_about_that_of_the_passages_in_common(kept):
    rng, off = random.Random(1), []
    for _ in range(60):
        words = rng.choices(WORDS, k=600)
        other = words[: int(600 * kept)] + rng.choices(WORDS, k=600 - int(600 * kept))
        true = kept / (2 - kept)  # shared passages among all of the two
        off.append(Print.of([" ".join(words)]).share(Print.of([" ".join(other)])) - true)
    assert abs(sum(off) / len(off)) < 0.06
