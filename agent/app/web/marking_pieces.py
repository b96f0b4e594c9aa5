"""Parses templates for `marking`: texts, expressions, elements, statements, and conditional parts of sentences."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

_INLINE = frozenset(
    [
        "a",
        "abbr",
        "b",
        "bdi",
        "cite",
        "code",
        "em",
        "i",
        "kbd",
        "mark",
        "q",
        "small",
        "span",
        "strong",
        "sub",
        "sup",
        "time",
        "var",
    ]
)
_PIECES = re.compile(
    r"(?P<comment>\{#.*?#\}|<!--.*?-->|<!doctype[^>]*>|<(?:script|style)\b.*?</(?:script|style)>)"
    r"|(?P<statement>\{%.*?%\})"
    r"|(?P<shown>\{\{.*?\}\})"
    r"|(?P<tag></?[a-zA-Z](?:\{%.*?%\}|\{\{.*?\}\}|\"(?:\{\{.*?\}\}|\{%.*?%\}|[^\"])*\"|'[^']*'|[^>\"'{])*>)",
    re.S | re.I,
)
_WORDS = re.compile(r"[^\W\d_]{2,}")
# Names of states, forms and modes, by which macros and tests go.
NO_TEXTS = frozenset(
    [
        *("consistently present", "consistently absent", "cannot tell", "one criterion", "not moved"),
        *("counted", "rate", "level", "points", "levels", "number"),
    ]
)
_CHOICE = re.compile(r"\"([^\"]*)\" if ((?:(?! else |\").|\"[^\"]*\")+?)(?: else \"([^\"]*)\")?")
_COUNT = re.compile(r"(.+?) (==|!=|>) 1")
_FILTERS = frozenset(
    [
        "length",
        "round",
        "int",
        "urlencode",
        "sentence",
        "capital",
        "plain",
        "join",
        "replace",
        "capitalize",
        "string",
        "list",
        "float",
    ]
)
_HELPERS = frozenset(
    [
        "t",
        "_",
        "ngettext",
        "state",
        "show",
        "kit",
        "m",
        "figure",
        "direction",
        "number",
        "percent",
        "range",
        "usd",
        "chance",
        "day",
        "and",
        "or",
        "not",
        "if",
        "else",
        "in",
        "is",
        "none",
    ]
)


@dataclass(frozen=True)
class Piece:
    """A part of a template: `text`, `shown` (an expression), `tag`, `statement`, `comment`, or `block`: statements
    that contain only a part of a sentence."""

    kind: str
    source: str
    inside: tuple[Piece, ...] = ()

    @cached_property
    def name(self) -> str:
        """The name of a tag or a statement."""
        found = re.match(r"</?([a-zA-Z0-9]+)|\{%[-+]?\s*(\w+)", self.source)
        return (found[1] or found[2]).lower() if found else ""

    @cached_property
    def closes(self) -> bool:
        """Whether the tag ends an element."""
        return self.source.startswith("</")

    @cached_property
    def breaks(self) -> bool:
        """Whether a message ends here."""
        return self.kind == "statement" or (self.kind == "tag" and self.name not in _INLINE)

    @cached_property
    def expression(self) -> str:
        """What stands inside an expression's braces, or behind a statement's keyword."""
        return (
            self.source.strip("{}%")
            .strip("-+")
            .strip()
            .removeprefix(self.name if self.kind == "statement" else "")
            .strip()
        )

    @cached_property
    def label(self) -> str:
        """The name of its placeholder."""
        source = self.expression if self.kind == "shown" else self.inside[0].expression
        if self.kind == "block" and self.inside[0].name == "for":
            return "list"
        names = re.findall(r"[a-z_][a-z0-9_]*", re.sub(r"\"[^\"]*\"", "", source.lower()))
        return next((name for name in reversed(names) if name not in _FILTERS | _HELPERS), "value")

    @cached_property
    def _choice(self) -> re.Match[str] | None:
        found = _CHOICE.fullmatch(self.expression) if self.kind == "shown" else None
        if found and NO_TEXTS.issuperset((found[1], found[3])):
            return None
        return found if found and re.search(r"[^\W\d_]", found[1] + (found[3] or "")) else None

    @cached_property
    def count(self) -> str:
        """What is counted, if the piece chooses between singular and plural; else empty."""
        found = _COUNT.fullmatch(self._choice[2]) if self._choice else None
        return found[1] if found else ""

    @cached_property
    def counted(self) -> tuple[str, str]:
        """The two words that it chooses between."""
        assert self._choice
        one, more = self._choice[1], self._choice[3] or ""
        return (one, more) if " == 1" in self._choice[2] else (more, one)

    @cached_property
    def condition(self) -> str:
        """The condition of a choice."""
        return self._choice[2] if self._choice else self.inside[0].expression

    @cached_property
    def branches(self) -> tuple[list[Piece], list[Piece]] | None:
        """The pieces for a true condition, and those for a false one. None if it is no choice or has no words in it."""
        if self._choice and not self.count:
            return [Piece("text", self._choice[1])], [Piece("text", self._choice[3] or "")]
        if self.kind != "block" or self.inside[0].name != "if":
            return None
        if not any(p.kind == "text" and _WORDS.search(p.source) for p in _leaves(self.inside)):
            return None
        yes, otherwise = _divided(self.inside[1:-1])
        if not otherwise:
            return yes, []
        if otherwise[0].name == "else":
            return yes, otherwise[1:]
        nested = Piece("statement", "{% if " + otherwise[0].expression + " %}")
        return yes, [Piece("block", "", (nested, *otherwise[1:], self.inside[-1]))]


def pieces_of(source: str) -> list[Piece]:
    """The pieces of a template in their order; conditional parts of sentences are blocks."""
    flat: list[Piece] = []
    at = 0
    for found in _PIECES.finditer(source):
        if found.start() > at:
            flat.append(Piece("text", source[at : found.start()]))
        flat.append(Piece(found.lastgroup or "", found[0]))
        at = found.end()
    if source[at:]:
        flat.append(Piece("text", source[at:]))
    return _nested(flat)


def runs_of(pieces: Sequence[Piece]) -> Iterator[list[Piece] | Piece]:
    """Runs of pieces that make one message each, and the pieces between them."""
    run: list[Piece] = []
    odd = _unbalanced(pieces)
    depth = 0
    for number, piece in enumerate(pieces):
        if piece.breaks or number in odd:
            if run:
                yield run
            run = []
            yield piece
            continue
        if run and not depth and _sentence_ends(run[-1], piece):
            yield run
            run = []
        if piece.kind == "tag":
            depth += -1 if piece.closes else 1
        run.append(piece)
    if run:
        yield run


def _sentence_ends(before: Piece, after: Piece) -> bool:
    """Whether a sentence ends between a conditional block and the piece next to it."""
    if after.kind == "block":
        said = before.source.rstrip() if before.kind == "text" else ""
        return said.endswith((".", "!", "?", ":")) or _is_label(after)
    if before.kind == "block" and after.kind == "text":
        last = next((p.source for p in reversed(_leaves(before.inside)) if p.kind == "text" and p.source.strip()), "")
        begins = after.source.lstrip()[:1]
        return (last.rstrip().endswith((".", "!", "?")) and begins.isupper()) or (
            _is_label(before) and not begins.strip()
        )
    return False


def _is_label(block: Piece) -> bool:
    """Whether the block is a single element, such as a tag behind a name."""
    inner = [p for p in block.inside[1:-1] if not (p.kind == "text" and not p.source.strip())]
    return len(inner) > 1 and inner[0].kind == "tag" and inner[-1].kind == "tag" and inner[-1].closes


def _nested(flat: Sequence[Piece]) -> list[Piece]:
    """Turns statements that contain a part of a sentence into blocks; other statements stay as they are."""
    out: list[list[Piece]] = [[]]
    for piece in flat:
        if piece.kind == "statement" and piece.name in ("if", "for"):
            out.append([piece])
        elif piece.kind == "statement" and piece.name in ("endif", "endfor") and len(out) > 1:
            inside = [*out.pop(), piece]
            out[-1].extend([Piece("block", "", tuple(inside))] if _is_part(inside) else inside)
        else:
            out[-1].append(piece)
    return [piece for level in out for piece in level]


def _is_part(inside: Sequence[Piece]) -> bool:
    words = [p for p in inside[1:-1] if not (p.kind == "statement" and p.name in ("elif", "else"))]
    if any(piece.breaks for piece in words):
        return False
    branch: list[Piece] = []
    for piece in inside[1:]:
        if piece.kind == "statement":
            if _unbalanced(branch):
                return False
            branch = []
        else:
            branch.append(piece)
    return True


def _unbalanced(pieces: Sequence[Piece]) -> set[int]:
    """The positions of inline tags whose other half is not in the same run."""
    odd: set[int] = set()
    stack: list[tuple[int, str]] = []
    for number, piece in enumerate(pieces):
        if piece.breaks:
            odd.update(place for place, _name in stack)
            stack = []
        elif piece.kind == "tag" and not piece.closes:
            stack.append((number, piece.name))
        elif piece.kind == "tag" and stack and stack[-1][1] == piece.name:
            stack.pop()
        elif piece.kind == "tag":
            odd.add(number)
    return odd | {place for place, _name in stack}


def _divided(pieces: Sequence[Piece]) -> tuple[list[Piece], list[Piece]]:
    """The first branch, and everything from the next `elif` or `else` on."""
    at = next((i for i, p in enumerate(pieces) if p.kind == "statement"), len(pieces))
    return list(pieces[:at]), list(pieces[at:])


def _leaves(pieces: Sequence[Piece]) -> list[Piece]:
    found: list[Piece] = []
    for piece in pieces:
        found.extend(_leaves(piece.inside) if piece.kind == "block" else [piece])
    return found
