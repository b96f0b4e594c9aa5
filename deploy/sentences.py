"""The sentences of errors with their advice, and why a figure is undefined. They are made in English wherever they are made,
and nothing in the code marks them (docs/adr/0018); a page tells them again (`retold`).

    raise NotFound(f"there is no {what} {name!r} in {'this' if one else 'the'} workspace")

gives two messages with the places {what} and {name}. What is not said in place (a variable, a table of texts) is followed
to where it is written in the same module.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).parents[1]
_SAID = {"Advice", "Undefined"}
# What of an error is no sentence: addresses, commands, lines of files.
_NO_SENTENCE = {"command", "page", "option", "label", "code", "headers", "n", "status", "where", "line", "fields"}
# Modules that read what people bring: what is wrong there is told by `problem(line, what, hint)` or as a ValueError.
_READERS = ("agent/text/", "agent/outcomes/deal_file.py", "agent/ratings/import_file.py", "agent/profiles/model.py")
_MOST = 12  # ways in which one text may go
_WORD = re.compile(r"[a-z]{2,}")
# Said in commands, or to whoever starts the program.
NO_PAGE = (
    *(
        "agent/evals/",
        "agent/connections/",
        "agent/backup/",
        "agent/app/cli/",
        "agent/library.py",
        "agent/db/database.py",
    ),
    *("agent/llm/prompts.py", "agent/llm/recording.py", "agent/stats/frame.py", "agent/stats/rating_table.py"),
)


@cache
def errors() -> frozenset[str]:
    """The names of all classes of errors."""
    known, found = {"CloseReadError"}, True
    classes = [
        node
        for path in sorted((ROOT / "agent").rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ClassDef)
    ]
    while found:
        more = {one.name for one in classes if {_name(base) for base in one.bases} & known} - known
        known, found = known | more, bool(more)
    return frozenset(known)


def sentences(path: Path) -> list[str]:
    """Those of one module, each way it may go, in their order."""
    where = str(path.relative_to(ROOT))
    if where.startswith(NO_PAGE) or path.stem.startswith("cli") or not where.startswith("agent/"):
        return []
    tree = ast.parse(path.read_text("utf-8"))
    texts = _Texts(tree)
    calls = [one for one in ast.walk(tree) if isinstance(one, ast.Call)]
    found = [one for call in calls for one in texts.of_call(call)]
    if where.startswith(_READERS):
        found += [one for call in calls for one in texts.of_reader(call)]
    return list(dict.fromkeys(one for one in found if _WORD.search(re.sub(r"\{\w+\}", "", one))))


class _Texts:
    """The texts of a module: `values` are the expressions that a name is given anywhere in it, or a function returns."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.values: dict[str, list[ast.expr]] = {}
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and len(node.targets) == 1 and isinstance(node.targets[0], ast.Name):
                self.values.setdefault(node.targets[0].id, []).append(node.value)
            elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None:
                self.values.setdefault(node.target.id, []).append(node.value)
            elif isinstance(node, ast.FunctionDef) and isinstance(node.returns, ast.Name) and node.returns.id == "str":
                returned = [one.value for one in ast.walk(node) if isinstance(one, ast.Return) and one.value]
                self.values.setdefault(node.name, []).extend(returned)

    def of_call(self, call: ast.Call) -> Iterator[str]:
        """What an error, an advice or a figure that is undefined says; of a call of something else, nothing."""
        name = _name(call.func)
        if name in ("cls", "super", "__init__") or not (name in _SAID or name in errors()):
            return
        said = [
            one for at, one in enumerate(call.args) if not (name == "Advice" or (name == "ImportProblem" and at < 2))
        ]
        said += [one.value for one in call.keywords if one.arg not in _NO_SENTENCE]
        for one in said:
            yield from self.ways(one)

    def of_reader(self, call: ast.Call) -> Iterator[str]:
        """What is said of a file or a row of it; what is wrong and what to do, behind a semicolon, stand apart on a page."""
        name = _name(call.func)
        if name in ("ValueError", "TwoWays"):
            for said in call.args:
                yield from (part for way in self.ways(said) for part in way.split("; "))
        elif name == "problem":
            for said in call.args:
                yield from self.ways(said)
        elif name in ("left_out", "_leave_out"):
            yield from self.ways(call.args[-1])
        for one in call.keywords:
            if one.arg == "note":
                yield from self.ways(one.value)

    def ways(self, said: ast.expr, depth: int = 0) -> list[str]:
        """The texts that an expression may be; none where that cannot be told."""
        match said:
            case ast.Constant(value=str(text)):
                return [text] if text and "{" not in text else []
            case ast.JoinedStr(values=parts):
                return _numbered(product(*(self._part(one, depth) for one in parts)))
            case ast.BinOp(left=left, op=ast.Add(), right=right):
                return _numbered(product(self._place(left, depth), self._place(right, depth)))
            case ast.IfExp(body=body, orelse=other):
                return self.ways(body, depth) + self.ways(other, depth)
            case ast.BoolOp(values=parts):
                return [way for one in parts for way in self.ways(one, depth)]
            case ast.Name(id=name) | ast.Call(func=ast.Name(id=name)) if depth < 2:
                return [way for one in self.values.get(name, ()) for way in self.ways(one, depth + 1)]
            case ast.Subscript(value=ast.Name(id=name)) if depth < 2:
                tables = [one for one in self.values.get(name, ()) if isinstance(one, ast.Dict)]
                return [way for one in tables for value in one.values for way in self.ways(value, depth + 1)]
            case _:
                return []

    def _part(self, part: ast.expr, depth: int) -> list[str]:
        if isinstance(part, ast.FormattedValue):
            return (
                self._place(part.value, depth)
                if part.conversion == -1 and not part.format_spec
                else [_hole(part.value)]
            )
        return self.ways(part, depth)

    def _place(self, part: ast.expr, depth: int) -> list[str]:
        """A choice between texts is each of them; anything else is a place."""
        if isinstance(part, ast.Constant | ast.JoinedStr):
            return self.ways(part, depth)
        if isinstance(part, ast.IfExp):
            ends = [self._place(one, depth) if not _empty(one) else [""] for one in (part.body, part.orelse)]
            return [way for end in ends for way in end]
        return [_hole(part)]


def _numbered(ways: Iterable[tuple[str, ...]]) -> list[str]:
    """Each way as one text, with a name for each place in it."""
    made = []
    for parts in list(ways)[:_MOST]:
        names: dict[str, str] = {}

        def name(hole: re.Match[str], names: dict[str, str] = names) -> str:
            if hole[0] not in names:
                same = sum(one[1:].partition("|")[0] == hole[1] for one in names)
                names[hole[0]] = f"{{{hole[1]}_{same + 1}}}" if same else f"{{{hole[1]}}}"
            return names[hole[0]]

        made.append(re.sub(r"\x00(\w+)\|[^\x00]*\x00", name, "".join(parts)))
    return made


def _hole(part: ast.expr) -> str:
    return f"\0{_label(part)}|{ast.unparse(part)}\0"


def _label(part: ast.expr) -> str:
    """What a place is called: after what it shows."""
    match part:
        case ast.Name(id=name) | ast.Attribute(attr=name):
            return name.strip("_").lower() or "value"
        case ast.Call(args=[first, *_rest]):
            return _label(first)
        case ast.Call(func=function) if _name(function):
            return _name(function).strip("_").lower()
        case ast.Subscript(value=value) | ast.Starred(value=value):
            return _label(value)
        case ast.GeneratorExp(elt=element) | ast.ListComp(elt=element):
            return _label(element)
        case _:
            return "value"


def _name(node: ast.expr) -> str:
    return node.id if isinstance(node, ast.Name) else node.attr if isinstance(node, ast.Attribute) else ""


def _empty(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == ""
