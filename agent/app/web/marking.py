"""Finds the texts in templates that have to be translated. Templates stay plain: no text in them needs a mark.

    <p>Say who speaks in {{ left }} {{ "file" if left == 1 else "files" }}, <a href="/sides">here</a>.</p>

For readers of other languages the extension `Marked` rewrites a template before Jinja reads it: each run of text
between block elements and statements becomes one message, a whole sentence where it is one. Inside it

- `{{ … }}` is a placeholder named after what it shows: `{left}`; elements such as links are numbered: `<1>here</1>`;
- `{{ "file" if left == 1 else "files" }}` makes a plural, another choice between two texts makes two messages, and so
  does an `{% if … %}` with nothing but a part of the sentence in it;
- a part that is repeated, or one choice too many, is a placeholder whose own text is another message.

Attributes that people read (`title`, `aria-label` …) are messages too, and so are texts inside of expressions that have
a space in them or begin with a capital. English is made from the template as it stands. `messages_of` lists the
messages for the catalogs (docs/page-languages.md).
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from jinja2 import Environment
from jinja2.ext import Extension
from markupsafe import Markup, escape

from agent.app.web.marking_pieces import NO_TEXTS, Piece, pieces_of, runs_of
from agent.core.language import _, ngettext

_READ = (
    "title",
    "aria-label",
    "placeholder",
    "alt",
    "data-why",
    "data-confirm",
    "data-empty",
    "data-label",
    "data-name",
    r"data-say-[a-z]+",
)
_LETTERS = re.compile(r"[^\W\d_]{2,}")
_TEXT = re.compile(r"(?P<before>(?:[=!]=|\bin)\s*)?\"(?P<text>(?:[^\"\\]|\\.)*)\"(?P<after>\s*(?:[=!]=|:|in\b))?")
_LOOKS_UP = re.compile(r"\b(?:_|ngettext)\(\"(?P<one>[^\"]*)\"(?:, \"(?P<more>[^\"]*)\")?")
_CHOICE = re.compile(r"\"([^\"]*)\" if ((?:(?! else |\").|\"[^\"]*\")+?)(?: else \"([^\"]*)\")?")
_COUNT = re.compile(r"(.+?) (==|!=|>) 1")
_ATTRIBUTE = re.compile(
    rf"(?<=\s)(?P<name>{'|'.join(_READ)})=\"(?P<value>(?:\{{\{{.*?\}}\}}|\{{%.*?%\}}|[^\"])*)\"", re.S
)
_MOST_CHOICES = 2


class Marked(Extension):
    """A Jinja extension that rewrites templates so that their texts are looked up in the reader's language."""

    def __init__(self, environment: Environment) -> None:
        super().__init__(environment)
        environment.globals |= {"_said": _said, "_counted": _counted}

    def preprocess(self, source: str, name: str | None, filename: str | None = None) -> str:
        """The source of the template, rewritten."""
        return Rewriting().template(source)


def messages_of(source: str) -> list[tuple[str, ...]]:
    """The messages of a template in their order; plurals are pairs."""
    rewriting = Rewriting()
    rewriting.template(source)
    return rewriting.found


def _said(message: str, /, **values: Any) -> Markup:
    return _filled(_(message), values)


def _counted(one: str, more: str, count: float, /, **values: Any) -> Markup:
    return _filled(ngettext(one, more, count), values)


def _filled(text: str, values: Mapping[str, Any]) -> Markup:
    """A message with its values, which are escaped unless they are markup. `<1>` stands for an element of the page."""
    return Markup("").join(_filled_part(part, values) for part in re.split(r"(\{\w+\}|</?\d+>)", text) if part)


def _filled_part(part: str, values: Mapping[str, Any]) -> Markup:
    if part[0] == "{" and part[1:-1] in values:
        return escape(values[part[1:-1]])
    if found := re.fullmatch(r"<(/?)(\d+)>", part):
        opening = str(values[f"_{found[2]}"])
        return Markup(f"</{opening[1:].split()[0].rstrip('>')}>" if found[1] else opening)
    return Markup(part.replace('"', "&#34;"))


@dataclass
class _Built:
    """One message while it is put together: its words, the statements that come before it, its values, and the words
    of its singular."""

    words: list[tuple[str, str]] = field(default_factory=list)
    before: list[str] = field(default_factory=list)
    values: dict[str, str] = field(default_factory=dict)
    open: list[str] = field(default_factory=list)
    marks: int = 0

    def add(self, text: str, singular: str | None = None) -> None:
        """Add words; `singular` if they differ in the singular."""
        self.words.append((text if singular is None else singular, text))

    def value(self, name: str, source: str) -> None:
        """Add a placeholder for an expression. The same expression gets the same placeholder."""
        free = name
        number = 1
        while self.values.get(free, source) != source:
            number += 1
            free = f"{name}_{number}"
        self.values[free] = source
        self.add(f"{{{free}}}")

    def text(self, singular: bool = False) -> str:
        """The text of the message, in its plural or its singular."""
        return " ".join("".join(one if singular else more for one, more in self.words).split())


class Rewriting:
    """One template while it is rewritten; `found` collects its messages."""

    def __init__(self) -> None:
        self.found: list[tuple[str, ...]] = []
        self._names = 0

    def template(self, source: str) -> str:
        """The whole template, rewritten."""
        return self._flow(pieces_of(source))

    def _flow(self, pieces: Sequence[Piece]) -> str:
        return "".join(
            self._rewritten_run(run) if isinstance(run, list) else self._alone(run) for run in runs_of(pieces)
        )

    def _alone(self, piece: Piece) -> str:
        """A piece that belongs to no message, rewritten."""
        match piece.kind:
            case "tag":
                return _ATTRIBUTE.sub(self._attribute, piece.source)
            case "shown" | "statement":
                return self._texts_in(piece.source)
            case "block":
                return self._flow(piece.inside)
            case _:
                return piece.source

    def _attribute(self, found: re.Match[str]) -> str:
        return f'{found["name"]}="{self._flow(pieces_of(found["value"]))}"'

    def _texts_in(self, source: str) -> str:
        """An expression or statement in which texts with a space or a capital in front are looked up. Calls of `_`
        and `ngettext` in it stay as they are."""

        def looked_up(text: re.Match[str]) -> str:
            words = text["text"]
            read = _LETTERS.search(words) and (" " in words or words[:1].isupper())
            if not read or text["before"] or text["after"] or words in NO_TEXTS:
                return text[0]
            core = words.strip()
            self._note(core)
            around = words.partition(core)
            looked = f'_("{core}")'
            return looked if words == core else f'("{around[0]}" ~ {looked} ~ "{around[2]}")'

        done, at = [], 0
        for own in _LOOKS_UP.finditer(source):
            self._note(own["one"], own["more"]) if own["more"] else self._note(own["one"])
            done += [_TEXT.sub(looked_up, source[at : own.start()]), own[0]]
            at = own.end()
        return "".join(done) + _TEXT.sub(looked_up, source[at:])

    def _note(self, *message: str) -> None:
        if message not in self.found:
            self.found.append(message)

    def _rewritten_run(self, run: list[Piece]) -> str:
        """A run of text, expressions and inline elements: its edges unchanged, and one message between them."""
        start, end = 0, len(run)
        while start < end and _blank(run[start]):
            start += 1
        while end > start and _blank(run[end - 1]):
            end -= 1
        before, run, after = run[:start], run[start:end], run[end:]
        return "".join(p.source for p in before) + self._message_in(run) + "".join(p.source for p in after)

    def _message_in(self, run: list[Piece]) -> str:
        parts = list(_elements(run))
        if not any(len(part) == 1 and _speaks(part[0]) for part in parts):
            return "".join(self._element(part) for part in parts)
        first, last = run[0], run[-1]
        head = first.source[: len(first.source) - len(first.source.lstrip())] if first.kind == "text" else ""
        tail = last.source[len(last.source.rstrip()) :] if last.kind == "text" else ""
        return head + self._variants(run, _MOST_CHOICES) + tail

    def _element(self, part: list[Piece]) -> str:
        """An expression or block by itself, or an element with everything in it."""
        if len(part) == 1:
            piece = part[0]
            if piece.kind == "shown" and (choice := _CHOICE.fullmatch(piece.expression)) and choice[3] is not None:
                return self._variants(part, _MOST_CHOICES)
            return self._alone(piece)
        return self._alone(part[0]) + self._flow(part[1:-1]) + part[-1].source

    def _variants(self, run: list[Piece], left: int) -> str:
        """One message for each combination of the choices in the run; `left` limits how many choices it may have."""
        at = next((i for i, piece in enumerate(run) if left and piece.branches), None)
        chosen = None if at is None else run[at].branches
        if at is None or chosen is None:
            return self._message(run, next((piece.count for piece in run if piece.count), ""))
        condition, (yes, no) = run[at].condition, chosen
        with_it = self._variants([*run[:at], *yes, *run[at + 1 :]], left - 1)
        without = self._variants([*run[:at], *no, *run[at + 1 :]], left - 1)
        return f"{{% if {condition} %}}{with_it}{{% else %}}{without}{{% endif %}}"

    def _message(self, run: list[Piece], count: str) -> str:
        built = _Built()
        for piece in run:
            self._add(built, piece, count)
        more = built.text()
        if not _LETTERS.search(re.sub(r"\{\w+\}|</?\d+>", "", more)):
            return "".join(self._alone(piece) for piece in run)
        values = "".join(f", {name}=({source})" for name, source in built.values.items())
        one = built.text(singular=True)
        if count and one != more:
            self._note(one, more)
            call = f"_counted({_quoted(one)}, {_quoted(more)}, ({count}){values})"
        else:
            self._note(more)
            call = f"_said({_quoted(more)}{values})"
        return "".join(built.before) + "{{ " + call + " }}"

    def _add(self, built: _Built, piece: Piece, count: str) -> None:
        match piece.kind:
            case "text":
                built.add(re.sub(r"\s+", " ", piece.source))
            case "tag" if piece.closes:
                built.add(f"</{built.open.pop()}>")
            case "tag":
                built.marks += 1
                number = str(built.marks)
                built.open.append(number)
                built.before.append(self._captured(self._alone(piece)))
                built.values[f"_{number}"] = f"_c{self._names}"
                built.add(f"<{number}>")
            case "shown" if count and piece.count == count:
                one, more = piece.counted
                built.add(more, one)
            case "shown":
                built.value(piece.label, self._texts_in(piece.expression))
            case "block":
                built.before.append(self._captured(self._flow(piece.inside)))
                built.value(piece.label, f"_c{self._names}")

    def _captured(self, source: str) -> str:
        self._names += 1
        return f"{{% set _c{self._names} %}}{source}{{% endset %}}"


def _blank(piece: Piece) -> bool:
    return piece.kind == "comment" or (piece.kind == "text" and not piece.source.strip())


def _speaks(piece: Piece) -> bool:
    """Whether the piece is text with letters of its own."""
    return piece.kind == "text" and bool(_LETTERS.search(re.sub(r"&\w+;", "", piece.source)))


def _elements(run: Sequence[Piece]) -> Iterator[list[Piece]]:
    """The parts at the top level of a run: single pieces, and elements with everything in them."""
    depth, part = 0, []
    for piece in run:
        part.append(piece)
        if piece.kind == "tag":
            depth += -1 if piece.closes else 1
        if not depth:
            yield part
            part = []


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
