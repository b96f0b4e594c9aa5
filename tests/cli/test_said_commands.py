"""Commands that are said somewhere exist as they are said: in errors' advice, in the code's own sentences, in the docs."""

from __future__ import annotations

import ast
import re
import shlex
from pathlib import Path

import typer.main

from agent.main import app

ROOT = Path(__file__).parents[2]
PAGES = [ROOT / "README.md", ROOT / "evals" / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
TREE = typer.main.get_command(app)
OF_EVERY_COMMAND = {"--workspace", "--help", "--version", "--install-completion", "--show-completion"}
# `command` arguments of these take a command without "closeread" in front.
ADVISING = {"Advice": 0, "Step": 3}


def wrong_with(said: str, whole: bool) -> str:
    """Why a command cannot be typed as it is said; empty if it can. `whole`: its required arguments must be there."""
    try:
        words = shlex.split(said)
    except ValueError as error:
        return str(error)
    while words and words[0] in OF_EVERY_COMMAND:
        words = words[2:] if words[0] == "--workspace" else words[1:]
    command, path = TREE, "closeread"
    while hasattr(command, "get_command"):
        if not words or words[0] in ("COMMAND", "--help"):
            return "" if not whole or command.invoke_without_command else "no command"
        inner = command.get_command(None, words[0])
        if inner is None:
            return "" if command.invoke_without_command else f"{path} has no command {words[0]}"
        command, path = inner, words.pop(0)
    options = {name: option for option in command.params for name in (*option.opts, *option.secondary_opts)}
    given, position = 0, 0
    while position < len(words):
        word = words[position].partition("=")[0]
        if word.startswith("--") and word != "--help":
            if word not in options:
                return f"{command.name} has no option {word}"
            position += not getattr(options[word], "is_flag", False) and "=" not in words[position]
        elif words[position] not in ("…", "...", "|"):
            given += 1
        else:
            break
        position += 1
    arguments = [one for one in command.params if one.param_type_name == "argument"]
    most = None if any(one.nargs == -1 for one in arguments) else len(arguments)
    if most is not None and given > most:
        return f"{command.name} takes {most} arguments, not {given}"
    if whole and given < (least := sum(one.required for one in arguments)):
        return f"{command.name} wants {least} arguments, not {given}"
    return ""


def _part(part: ast.expr, before: ast.expr | None) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    begins_a_word = isinstance(before, ast.Constant) and str(before.value).endswith((" ", "=", "'", '"'))
    return "x" if begins_a_word else ""  # `score run{options}`: what is added may be nothing


def text(node: ast.expr | None) -> str | None:
    """A string as it is in the code, with a word for what is put in; None for what is worked out."""
    match node:
        case ast.Constant(value=str(said)):
            return said
        case ast.JoinedStr(values=parts):
            return "".join(_part(part, before) for before, part in zip((None, *parts), parts, strict=False))
    return None


def advised() -> list[tuple[str, str]]:
    """Place and command of every advice and next step in the code."""
    found = []
    for path in sorted((ROOT / "agent").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text())):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ADVISING):
                continue
            place = ADVISING[node.func.id]
            named = next((word.value for word in node.keywords if word.arg == "command"), None)
            said = text(named or (node.args[place] if len(node.args) > place else None))
            if said:
                found.append((f"{path.relative_to(ROOT)}:{node.lineno}", said))
    return found


def in_sentences() -> list[tuple[str, str]]:
    """Place and command of every `closeread …` in code marks on a page of the docs."""
    found = []
    for path in PAGES:
        for number, line in enumerate(path.read_text().split("\n"), 1):
            found += [(f"{path.relative_to(ROOT)}:{number}", said) for said in re.findall(r"`closeread ([^`]+)`", line)]
    return found


def test_the_judge_sees_what_is_wrong():
    assert wrong_with("job list", True) == ""
    assert wrong_with("job schedule --list", True) == "job has no command schedule"
    assert wrong_with("job list --nonsense", True) == "list has no option --nonsense"
    assert wrong_with("job show", True) == "show wants 1 arguments, not 0"
    assert wrong_with("job show a b", True) == "show takes 1 arguments, not 2"


def test_what_errors_and_next_steps_advise_can_be_typed():
    found = advised()
    assert len(found) > 80
    wrong = {f"{place}: {said}": why for place, said in found if (why := wrong_with(said, whole=True))}
    assert wrong == {}


def test_what_the_docs_say_can_be_typed():
    found = in_sentences()
    assert len(found) > 70
    wrong = {f"{place}: {said}": why for place, said in found if (why := wrong_with(said, whole=False))}
    assert wrong == {}
