"""`closeread agreement` on tables as they come, good and bad."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from agent.calibration.cli_agreement import agreement
from agent.core.errors import ImportProblem, UsageError
from agent.stats.agreement import REGISTRY

app = typer.Typer()
app.command()(agreement)

TABLE = """unit,rater,value
c1,ann,1
c1,bob,1
c2,ann,2
c2,bob,3
c3,ann,5
c3,bob,5
c4,ann,4
c4,bob,
c5,ann,2
c5,bob,2
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write(tmp_path, TABLE)


def write(folder: Path, text: str) -> Path:
    path = folder / "ratings.csv"
    path.write_text(text, encoding="utf-8")
    return path


def output(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def document(*arguments: object) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(output(*arguments, "--json"))
    return found


def error(*arguments: object) -> BaseException:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments])
    assert isinstance(result.exception, ImportProblem | UsageError), result.output
    return result.exception


def test_json_has_the_scale_and_every_statistic(file: Path) -> None:
    found = document(file, "--scale", "ordinal", "--levels", "1,2,3,4,5")
    assert {k: found[k] for k in ("unit", "units", "raters", "scale", "levels", "levels_from", "notes")} == {
        "unit": "unit",
        "units": 5,
        "raters": 2,
        "scale": "ordinal",
        "levels": [1, 2, 3, 4, 5],
        "levels_from": "--levels",
        "notes": [],
    }
    assert set(found["statistics"]) == set(REGISTRY)
    exact = found["statistics"]["exact_agreement"]
    assert (exact["value"], exact["n"]) == (0.75, 4)
    assert exact["low"] == pytest.approx(0.1941, abs=1e-4)  # 3 of 4, Clopper-Pearson
    assert exact["high"] == pytest.approx(0.9937, abs=1e-4)
    assert found["statistics"]["within_one"]["value"] == 1
    assert found["statistics"]["applies_agreement"] == {"undefined": "no rating says that it does not apply", "n": 4}


def test_the_same_seed_gives_the_same_output_and_resamples_are_used(file: Path) -> None:
    options = (file, "--scale", "interval", "--levels", "1,2,3,4,5", "--resamples", "200", "--seed")
    assert document(*options, 4) == document(*options, 4)
    assert "200 resamples" in json.dumps(document(*options, 4))


def test_without_levels_it_says_where_they_come_from(file: Path) -> None:
    found = document(file, "--scale", "ordinal")
    assert (found["levels"], found["levels_from"]) == ([1, 2, 3, 4, 5], "values seen")
    assert "--levels" in found["notes"][0]
    assert "Levels are the values seen" in output(file, "--scale", "ordinal")


def test_the_terminal_shows_a_table_and_says_what_alpha_means(file: Path) -> None:
    shown = " ".join(output(file, "--scale", "ordinal", "--levels", "1,2,3,4,5").split())
    assert "5 units, 2 raters, ordinal" in shown
    assert "of the disagreement that chance alone would bring" in shown
    assert "Not computed: Agreement that it applies" in shown


def test_it_warns_where_plain_agreement_flatters(tmp_path: Path) -> None:
    votes = [(1, 1)] * 18 + [(1, 0), (0, 1)]
    rows = [f"c{i},{rater},{vote}" for i, pair in enumerate(votes) for rater, vote in zip("ab", pair, strict=True)]
    file = write(tmp_path, "unit,rater,value\n" + "\n".join(rows))
    shown = " ".join(output(file, "--scale", "nominal", "--levels", "0,1").split())
    assert "no better than if they had rated at random" in shown
    assert "nearly all ratings are the same level" in shown


def test_a_label_is_a_category_unless_it_is_named(tmp_path: Path) -> None:
    rows = "unit;rater;value\n" + "\n".join(f"c{i};{r};{v}" for i, v in enumerate(["n/a", "a", "b"] * 3) for r in "xy")
    file = write(tmp_path, rows)
    category = document(file, "--scale", "nominal")
    missing = document(file, "--scale", "nominal", "--missing", "n/a")
    judged = document(file, "--scale", "nominal", "--not-applicable", "n/a")
    assert (category["levels"], category["statistics"]["exact_agreement"]["n"]) == (["a", "b", "n/a"], 9)
    assert (missing["levels"], missing["statistics"]["exact_agreement"]["n"]) == (["a", "b"], 6)
    assert judged["statistics"]["exact_agreement"] == missing["statistics"]["exact_agreement"]
    assert judged["statistics"]["applies_agreement"]["n"] == 9
    assert "undefined" in missing["statistics"]["applies_agreement"]


def test_other_columns_and_a_filter(tmp_path: Path) -> None:
    text = "criterion,call,who,score\nx,c1,a,1\nx,c1,b,1\nx,c2,a,0\nx,c2,b,0\ny,c1,a,0\ny,c1,b,1\n"
    file = write(tmp_path, text)
    options = (file, "--unit", "call", "--rater", "who", "--value", "score", "--scale", "nominal", "--levels", "0,1")
    found = document(*options, "--where", "criterion=x")
    assert (found["unit"], found["units"], found["statistics"]["exact_agreement"]["value"]) == ("call", 2, 1)
    assert "'a' rated 'c1' already on line 2" in str(error(*options))
    assert "--where" in error(*options, "--where", "criterion=z").at_the_terminal()


def test_numbers_written_in_two_ways_are_one_level(tmp_path: Path) -> None:
    file = write(tmp_path, "unit,rater,value\nc1,a,1\nc1,b,1.0\nc2,a,2\nc2,b,2.00\n")
    assert document(file, "--scale", "interval")["levels"] == [1, 2]
    assert document(file, "--scale", "ordinal", "--levels", "1,2,3")["statistics"]["exact_agreement"]["value"] == 1
    assert document(file, "--scale", "nominal")["levels"] == ["1", "1.0", "2", "2.00"]


def test_words_in_order_need_levels(tmp_path: Path) -> None:
    file = write(tmp_path, "unit,rater,value\nc1,a,low\nc1,b,low\nc2,a,high\nc2,b,mid\n")
    found = document(file, "--scale", "ordinal", "--levels", "low,mid,high")
    assert found["statistics"]["within_one"]["value"] == 1
    assert "--levels" in str(error(file, "--scale", "ordinal"))


@pytest.mark.parametrize(
    ("text", "options", "line", "says"),
    [
        (TABLE + "c6,ann,7\n", ["--levels", "1,2,3,4,5"], 12, "'7' is not one of the levels 1, 2, 3, 4, 5"),
        (TABLE + "c6,ann,n/a\n", [], 12, "'n/a' is not a number"),
        (TABLE + "c1,ann,3\n", [], 12, "'ann' rated 'c1' already on line 2"),
        (TABLE + ",ann,3\n", [], 12, "unit is empty"),
        (TABLE + "c6,,3\n", [], 12, "rater is empty"),
        (TABLE + "c6,ann\n", [], 12, "this row has 2 cells, the header 3"),
        (TABLE + 'c6,ann,"3\n', [], 12, "not CSV"),
        ("unit,who,value\nc1,a,1\n", [], 1, "there is no column 'rater'"),
        ("unit,rater,rater,value\n", [], 1, "two columns are called 'rater'"),
        ("unit,rater,value\n", [], None, "there are no ratings"),
        ("unit,rater,value\nc1,a,\n", [], None, "there are no ratings"),
        ("", [], None, "the file is empty"),
    ],
)
def test_a_bad_file_is_one_line_with_its_place(
    tmp_path: Path, text: str, options: list[str], line: int | None, says: str
) -> None:
    file = write(tmp_path, text)
    problem = error(file, "--scale", "ordinal", *options)
    assert isinstance(problem, ImportProblem)
    assert problem.exit_code == 3
    assert (problem.where, problem.line) == (str(file), line)
    assert says in str(problem)
    assert "\n" not in str(problem)


def test_a_table_in_windows_1252_is_read_and_one_that_is_not_there_is_an_error(tmp_path: Path) -> None:
    """Spreadsheets still save in Windows-1252; the importer of tables reads it."""
    latin = tmp_path / "latin.csv"
    rows = "".join(f"c{n},{rater},{n % 2}\n" for n in range(4) for rater in ("René", "Ana"))
    latin.write_bytes(("unit,rater,value\n" + rows).encode("cp1252"))
    assert document(latin, "--scale", "nominal")["statistics"]["exact_agreement"]["value"] == 1.0
    assert "cannot be read" in str(error(tmp_path / "nothing.csv", "--scale", "nominal"))


@pytest.mark.parametrize(
    ("scale", "levels"),
    [("ordinal", "1,,2"), ("ordinal", "1,2,2"), ("ordinal", "5,4,3"), ("interval", "a,b"), ("ordinal", "1,1.0,2")],
)
def test_levels_that_make_no_scale_are_refused(file: Path, scale: str, levels: str) -> None:
    problem = error(file, "--scale", scale, "--levels", levels)
    assert isinstance(problem, UsageError)
    assert "--levels" in str(problem)


def test_an_ordinal_scale_with_hundreds_of_levels_is_refused(tmp_path: Path) -> None:
    rows = "\n".join(f"c{i},{r},{i + k / 2}" for i in range(60) for k, r in enumerate("ab"))
    file = write(tmp_path, f"unit,rater,value\n{rows}\n")
    assert "too many for an ordinal scale" in str(error(file, "--scale", "ordinal"))
    assert document(file, "--scale", "interval")["statistics"]["krippendorff_alpha"]["value"] > 0.9
