"""What every importer shares: the file as it came (`Source`), what it is read into (`Line`), and `Format`."""

import codecs
import json
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath
from typing import Any

import yaml

from agent.core.errors import Advice, ImportProblem
from agent.core.yaml_files import parse_document

MAX_BYTES = 64 * 2**20
MAX_TEXT_BYTES = 24 * 2**20
# A day of talk has some ten thousand rows; a file of more than this is no transcript, and would take all memory.
MAX_ROWS = 30_000
RECORDINGS = frozenset(
    [
        ".3gp",
        ".aac",
        ".aiff",
        ".amr",
        ".avi",
        ".flac",
        ".m4a",
        ".m4b",
        ".m4v",
        ".mkv",
        ".mov",
        ".mp3",
        ".mp4",
        ".mpeg",
        ".mpg",
        ".oga",
        ".ogg",
        ".opus",
        ".wav",
        ".webm",
        ".wma",
        ".wmv",
    ]
)
_RECORDED = re.compile(rb"ID3|OggS|fLaC|#!AMR|RIFF....(WAVE|AVI )|....ftyp|\x1a\x45\xdf\xa3", re.DOTALL)
# What a library's parser raises on a file that is broken in a way it did not foresee.
PARSER_FAULTS = (
    LookupError,
    ValueError,
    TypeError,
    AttributeError,
    ArithmeticError,
    AssertionError,
    RecursionError,
    NotImplementedError,
    SyntaxError,  # also lxml's and ElementTree's
    OSError,
    EOFError,
)
_LINE_END = re.compile(r"\r\n|\n|\r")
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_MARKED = ((codecs.BOM_UTF32_LE, "utf-32"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# A list of records that opens a file: `- speaker: Ann`, with the list's own name above it or not.
_YAML_LIST = re.compile(
    r"\s*(---\s*)?(\w+:\s*\n\s*)?-\s+(speaker|name|who|role|user|author|text|start|time)\w*:\s", re.IGNORECASE
)
_OLD_WESTERN = "cp1252"
_MOST_ACCENTS = 0.2  # of the letters; where more are none of ASCII, the text is in no western language


@dataclass(frozen=True, slots=True)
class Line:
    """The words found at one place of a file.

    `speaker` is None if the file names nobody, `start` is in seconds, `number` is the line, row or paragraph, from 1.
    `joins`: may be added to the turn before it if the same person speaks (a caption may, a labelled line may not).
    `note` tells what was done with the words that a reader ought to know; if `spoken` is False they were left out for
    that reason.
    """

    speaker: str | None
    text: str
    start: float | None = None
    number: int | None = None
    joins: bool = False
    note: str = ""
    spoken: bool = True


def left_out(text: str, number: int | None, why: str) -> Line:
    """Words of the file that nobody spoke: `why` is where they stand or what they are."""
    return Line(None, text, None, number, note=why, spoken=False)


@dataclass(frozen=True)
class Source:
    """A file in memory: its name as shown to the user, its bytes, and what is known about who speaks in it.

    `people` are the names (folded) of known speakers; `words` are labels that somebody declared to be words and
    nobody's name. `part` selects one of several transcripts in the file, by number or id. With `one_voice` nobody is
    named in it and all words are kept as they stand. With `decided` it was said before who speaks, and it is not asked
    again. Of a recording only the first bytes are read; `path` is where it lies, None if it is inside a zip.
    """

    name: str
    data: bytes
    people: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    part: str = ""
    one_voice: bool = False
    decided: bool = False
    path: Path | None = None

    @property
    def suffix(self) -> str:
        """The last suffix of the name in lower case, with its dot."""
        return PurePosixPath(self.name).suffix.lower()

    @property
    def is_recording(self) -> bool:
        """Whether this is sound or video, by its name or its first bytes."""
        return self.suffix in RECORDINGS or _RECORDED.match(self.data) is not None

    @cached_property
    def text(self) -> str:
        """The bytes as text: UTF-8, UTF-16, UTF-32, or Windows-1252 if it can be nothing else. Raises ImportProblem
        for all other encodings."""
        return _decoded(self.name, self.data)

    @property
    def is_old_western(self) -> bool:
        """Whether the bytes were no UTF-8 and read as Windows-1252. That is a guess, so somebody should check the
        accents."""
        return _encoding(self.data) == _OLD_WESTERN

    @cached_property
    def lines(self) -> list[str]:
        """The text's lines without their ends. Only CR LF, LF and CR end a line, as editors count them."""
        rows = _LINE_END.split(self.text)
        if len(rows) > MAX_ROWS:
            raise self.problem(MAX_ROWS, f"the file has more than {MAX_ROWS} lines", "one transcript a file: split it")
        return rows

    @cached_property
    def document(self) -> Any:
        """The text as JSON (or YAML), or None where it is not meant to be. Raises ImportProblem where it is broken.

        Meant to be JSON: the name says so, or the first character is a brace. A bracket also opens `[00:00:04] Ann: …`,
        so text that opens with one and does not parse is taken for text.
        """
        opening = self.text.lstrip()[:1]
        if self.suffix in (".yaml", ".yml") or _YAML_LIST.match(self.text):
            parse_document(self.name, self.text, uploaded=True)  # bounded, and what is wrong is said with its line
            return yaml.load(self.text, yaml.BaseLoader)
        certain = self.suffix == ".json" or opening == "{"
        if not certain and opening != "[":
            return None
        try:
            return _loaded(self.text)
        except (ValueError, RecursionError) as error:
            if not certain:
                return None
            if isinstance(error, json.JSONDecodeError) and error.msg == "Extra data" and opening == "{":
                return self._each_line()
            line = error.lineno if isinstance(error, json.JSONDecodeError) else None
            what = error.msg if isinstance(error, json.JSONDecodeError) else str(error) or "nested too deeply"
            raise self.problem(
                line, f"this is not complete JSON: {what}", "the file may be cut; export it again"
            ) from None

    def _each_line(self) -> list[Any]:
        """The objects of a file that holds one on each line (JSON Lines)."""
        found: list[Any] = []
        for number, row in enumerate(self.lines, start=1):
            try:
                found += [_loaded(row)] if row.strip() else []
            except (ValueError, RecursionError):
                hint = "the file may be cut; export it again"
                raise self.problem(number, "this is no JSON, and no line of JSON Lines", hint) from None
        return found

    def problem(self, number: int | None, what: str, hint: str | Advice = "") -> ImportProblem:
        """An ImportProblem about this file, for the caller to raise."""
        return ImportProblem(self.name, number, what, hint)


@dataclass(frozen=True)
class Format:
    """One file format of transcripts.

    `sniff` tells from the content whether a file has this format, without raising for other formats. `read` returns the
    words in the order they stand, or raises ImportProblem. `suffixes` are the usual file endings.
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    sniff: Callable[[Source], bool]
    read: Callable[[Source], list[Line]]


def _loaded(text: str) -> Any:
    return json.loads(text, parse_constant=_no_constant, object_pairs_hook=_each_key_once)


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A JSON object. It must not have a key twice: the parser would silently drop the first value."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ValueError(
            f"an object has the key {next(k for i, (k, _) in enumerate(pairs) if k in dict(pairs[:i]))!r} twice"
        )
    return made


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def _decoded(name: str, data: bytes) -> str:
    if len(data) > MAX_TEXT_BYTES:
        raise ImportProblem(name, None, f"the text is larger than {MAX_TEXT_BYTES // 2**20} MB", "split it")
    if data.startswith(_OLD_OFFICE):
        what = "this is a file of an older Word or Excel, or of Outlook"
        raise ImportProblem(name, None, what, "save it as .docx, .xlsx or .eml")
    encoding = _encoding(data)
    if encoding in ("utf-8-sig", _OLD_WESTERN) and b"\0" in data:
        raise _binary(name)
    try:
        text = data.decode(encoding)
        unlike = encoding == _OLD_WESTERN and not _western(text)
    except UnicodeDecodeError:
        unlike = True
    if unlike:
        at = _first_not_utf8(data)
        line = data[:at].count(b"\n") + 1 if at is not None else None
        what = f"byte {at} is not UTF-8 text" if at is not None else f"this is not {encoding.upper()} text"
        raise ImportProblem(name, line, what, "save the file as UTF-8 and import it again")
    if "\0" in text:
        raise _binary(name)
    return text.removeprefix("\ufeff")


def _encoding(data: bytes) -> str:
    """The encoding of the text: by its byte order mark, by the places of its zero bytes, else UTF-8, else
    Windows-1252."""
    if marked := next((name for mark, name in _MARKED if data.startswith(mark)), ""):
        return marked
    even, odd = data[0:400:2].count(0), data[1:400:2].count(0)
    if even + odd > 4 and min(even, odd) == 0 and max(even, odd) * 4 > len(data[:400]):
        return "utf-16-le" if odd else "utf-16-be"
    return "utf-8-sig" if _first_not_utf8(data) is None else _OLD_WESTERN


def _first_not_utf8(data: bytes) -> int | None:
    try:
        data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        return error.start
    return None


def _western(text: str) -> bool:
    """Whether a text makes sense as Windows-1252: few accented letters, and only letters inside words."""
    letters = sum(map(str.isalpha, text))
    accents = sum(sign.isalpha() and not sign.isascii() for sign in text)
    odd = re.search(r"(?<=[^\W\d_])[^\x00-\x7f’‘“”–—…\xa0\xad](?=[^\W\d_])", re.sub(r"[^\W\d_]+", "a", text))
    controls = any(unicodedata.category(sign) == "Cc" and sign not in "\t\n\r\f\v" for sign in text)
    return accents <= letters * _MOST_ACCENTS and odd is None and not controls


def _binary(name: str) -> ImportProblem:
    return ImportProblem(
        name, None, "this is a binary file, not a transcript", "export the transcript as text or WebVTT"
    )
