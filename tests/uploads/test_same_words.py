"""The same words under another name are found at the import, and not counted twice."""

import random

import pytest

from agent.db.word_prints import LEAST_WORDS, Print

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
    assert [line["what"] for line in again["lines"]] == ["b has the same words as a: they are not counted twice"]
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


@pytest.mark.parametrize("kept", [1.0, 0.95, 0.5, 0.0])
def test_the_share_is_about_that_of_the_passages_in_common(kept):
    rng, off = random.Random(1), []
    for _ in range(60):
        words = rng.choices(WORDS, k=600)
        other = words[: int(600 * kept)] + rng.choices(WORDS, k=600 - int(600 * kept))
        true = kept / (2 - kept)  # shared passages among all of the two
        off.append(Print.of([" ".join(words)]).share(Print.of([" ".join(other)])) - true)
    assert abs(sum(off) / len(off)) < 0.06
