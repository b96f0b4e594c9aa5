"""The sentences of errors: found in the code without a mark, in the catalogs, and told again where a page shows them."""

import ast
import re

import pytest

from agent.core.errors import Advice, ImportProblem
from agent.core.language import catalog, retold, speaking
from deploy.catalogs import OTHERS
from deploy.sentences import ROOT, errors, sentences

SOURCE = """
_ADVICE = {"a": "look again", "b": "ask"}
def f(name, many):
    said = "nobody rates" if many else "one person rates"
    raise InputError(f"there {'are' if many else 'is'} no {name!r} in {name!r} of {many}", advice=Advice("x", "/y", text=_ADVICE["a"]))
    raise GateClosed(said)
    raise ImportProblem(where, 3, f"byte {at} is no text", "save it as UTF-8")
"""


def test_sentences_are_found_each_way_they_may_go(tmp_path, monkeypatch):
    errors()
    monkeypatch.setattr("deploy.sentences.ROOT", tmp_path)
    path = tmp_path / "agent" / "thing.py"
    path.parent.mkdir()
    path.write_text(SOURCE, encoding="utf-8")
    assert sorted(sentences(path)) == [
        "ask",
        "byte {at} is no text",
        "look again",
        "nobody rates",
        "one person rates",
        "save it as UTF-8",
        "there are no {name} in {name} of {many}",
        "there is no {name} in {name} of {many}",
    ]


def _filled(message: str) -> tuple[str, dict[str, str]]:
    names = dict.fromkeys(re.findall(r"\{(\w+)\}", message))
    values = {name: f"Q{at}x" for at, name in enumerate(names)}
    return message.format(**values), values


@pytest.mark.parametrize("code", OTHERS)
def test_each_sentence_of_an_error_is_told_again_with_its_values(code):
    """But for those with so few words of their own that any text of somebody's might fit."""
    said = catalog(code)
    lost = []
    for path in sorted((ROOT / "agent").rglob("*.py")):
        for message in sentences(path):
            own = re.findall(r"[a-z]{2,}", re.sub(r"\{\w+\}", "", message))
            twice = len(re.findall(r"\{\w+\}", message)) > len(set(re.findall(r"\{\w+\}", message)))
            if ("{" in message and len(own) < 3) or twice or message not in said:
                continue
            english, values = _filled(message)
            with speaking(code):
                told = retold(english)
            if told != str(said[message]).format(**values):
                lost.append((message, told))
    assert lost == []


def test_an_error_of_an_import_is_told_with_its_place_and_advice():
    problem = ImportProblem("calls/a.txt", 3, "this is a binary file, not a transcript", Advice(text="split it"))
    with speaking("de"):
        assert retold(str(problem)) == "calls/a.txt:3: das ist eine Binärdatei, kein Transkript (teilen Sie sie)"
        assert retold("there is no rubric yet; choose at least one compliance criterion") == (
            "es gibt noch keinen Kriterienkatalog; wählen Sie mindestens ein Compliance-Kriterium"
        )
    assert retold(str(problem)) == str(problem)


def test_few_texts_of_errors_are_made_of_parts():
    """A text that cannot be followed to where it is written is not in the catalogs: a page shows it in English."""
    unknown = []
    for path in sorted((ROOT / "agent").rglob("*.py")):
        where = str(path.relative_to(ROOT))
        if path.stem.startswith("cli") or where.startswith(("agent/evals", "agent/backup", "agent/connections")):
            continue
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(getattr(call, "func", None), "id", "")
            first = 2 if name == "ImportProblem" else 0
            if isinstance(call, ast.Call) and name in errors() and len(call.args) > first:
                text = call.args[first]
                if isinstance(text, ast.BinOp | ast.Subscript) or (
                    isinstance(text, ast.JoinedStr) and _all_holes(text)
                ):
                    unknown.append(f"{where}:{call.lineno}: {ast.unparse(text)[:80]}")
    assert len(unknown) <= 12, unknown


def _all_holes(text: ast.JoinedStr) -> bool:
    return not any(isinstance(part, ast.Constant) and re.search("[a-z]{2}", str(part.value)) for part in text.values)
