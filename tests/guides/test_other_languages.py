"""The rules for German, French and Spanish questions, and what is said of questions in a language without any."""

import csv

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent.guides.other_wording import LANGUAGES
from agent.guides.review import asks
from agent.guides.rules import WHY, broken, findings, reaches_behavior, size_and_behavior
from agent.text.recognising import language_of, languages_of
from tests.builders import ROOT

with (ROOT / "evals" / "guide_lint" / "other_languages.csv").open(encoding="utf-8", newline="") as lines:
    LABELLED = [
        (row["question"], set(filter(None, row["rules"].split(";"))), row["language"]) for row in csv.DictReader(lines)
    ]
WORDS = sorted({word for question, _, _ in LABELLED for word in question.split()})
ITALIAN = "Perché avete scelto l'altro fornitore?\nChe cosa ha detto il commerciale quando è venuto fuori il prezzo?\n"


@pytest.mark.parametrize("language", LANGUAGES)
def test_good_questions_are_let_be_and_bad_ones_found(language):
    mine = [(question, labels) for question, labels, code in LABELLED if code == language]
    good = [question for question, labels in mine if not labels]
    assert (len(mine), len(good)) == (70, 34)
    assert [question for question in good if broken(question, language)] == []
    assert [question for question, labels in mine if labels and not broken(question, language)] == []
    given = [(labels, set(broken(question, language))) for question, labels in mine]
    wanted, found = sum(len(labels) for labels, _ in given), sum(len(labels & got) for labels, got in given)
    assert found / wanted >= 0.92
    assert sum(len(got - labels) for labels, got in given) <= 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_to_ask_instead_is_in_the_same_language_and_breaks_nothing(language):
    made = {f.rewrite for question, _, code in LABELLED if code == language for f in findings(question, language)}
    assert len(made) >= 6
    assert [text for text in made if broken(text, language) or not reaches_behavior(text, language)] == []
    assert {language_of([text]) for text in made} == {language}


@given(st.sampled_from(LANGUAGES), st.lists(st.sampled_from(WORDS), max_size=25).map(" ".join) | st.text())
def test_any_rewrite_breaks_no_rule(language, question):
    for finding in findings(question, language):
        assert broken(finding.rewrite, language) == ()


def test_the_language_of_a_question_is_its_own_or_that_of_all():
    recognised = [language_of([question]) for question, _, _ in LABELLED]
    wrong = [row for row, code in zip(LABELLED, recognised, strict=True) if code not in ("", row[2])]
    assert wrong == []
    assert recognised.count("") <= 6
    assert languages_of(["¿Volvería a comprarnos?", "¿Qué preguntó el comercial cuando salió el precio?"]) == ["es"] * 2
    assert languages_of(["Ok?"]) == ["en"]


def test_of_a_language_without_rules_the_rules_say_nothing():
    assert broken("Why did you choose us?", "it") == ()
    assert not any(rule == "no_behavior" for rule, _ in size_and_behavior(ITALIAN.splitlines(), "it"))


def test_the_command_lints_german_and_says_what_it_cannot_check(closeread, tmp_path):
    path = tmp_path / "fragen.txt"
    path.write_text("Warum haben Sie sich für uns entschieden?\nWas hat er im ersten Gespräch gefragt?\n", "utf-8")
    why, fine = closeread("guide", "lint", path, "--json").json["items"]
    assert [(f["rule"], f["by"]) for f in why["findings"]] == [("rationalisation", "rule")]
    assert why["findings"][0]["rewrite"].startswith("Erzählen Sie mir von ")
    assert fine["findings"] == []
    path.write_text(ITALIAN, encoding="utf-8")
    assert "break no rule" not in closeread("guide", "lint", path).out
    assert "without rules (Italian): nothing has checked them; --model lets the drafter do so" in closeread.err
    assert closeread("guide", "lint", path, "--language", "italian").code == 2


@pytest.mark.parametrize(
    ("code", "reason", "count"),
    [
        ("de", "fragt nach Gründen; die denken sich Käufer", "0 von 2 Fragen verletzen keine Regel."),
        ("es", "pregunta por motivos; los compradores", "0 de 2 preguntas no infringen ninguna regla."),
    ],
)
def test_the_reasons_are_in_the_language_that_is_named_and_data_in_english(closeread, tmp_path, code, reason, count):
    questions = {"de": "Warum haben Sie uns gewählt?\nWie zufrieden waren Sie?\n"}
    questions["es"] = "¿Por qué nos eligieron?\n¿Qué tan satisfechos quedaron, del 1 al 10?\n"
    (tmp_path / "asked.txt").write_text(questions[code], encoding="utf-8")
    said = closeread("guide", "lint", tmp_path / "asked.txt", "--language", code).out
    assert reason in said
    assert count in said
    assert not any(why in said for why in WHY.values())
    found = closeread("guide", "lint", tmp_path / "asked.txt", "--language", code, "--json").json["items"]
    assert {finding["why"] for one in found for finding in one["findings"]} <= set(WHY.values())
    assert "asks for reasons" in closeread("guide", "lint", tmp_path / "asked.txt").out


def test_questions_with_marks_of_other_scripts_are_questions():
    assert asks("最初の打ち合わせで何を聞かれましたか？")
    assert asks("ماذا سألك المندوب؟")
    assert asks("Erzählen Sie mir von der Vorführung.")
    assert not asks("確認します。")
