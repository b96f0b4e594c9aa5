"""Subtitles in Advanced SubStation Alpha, TTML (DFXP) and SAMI. Read by pysubs2 into captions.

A name is that of the event (SubStation Alpha), else it stands before the words as in SubRip.
"""

import html
import re
import warnings

from agent.core.lazy import lazy
from agent.text.importers.base import PARSER_FAULTS, Format, Line, Source, left_out
from agent.text.importers.webvtt import Cue, caption_lines

pysubs2 = lazy("pysubs2")

# What tells each kind at the beginning, what opens one of its captions, and pysubs2's name for it.
_KINDS = (
    (re.compile(r"\s*\[Script Info\]", re.IGNORECASE), re.compile(r"^(Dialogue|Comment)\s*:", re.MULTILINE), "ass"),
    (
        re.compile(r"\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*|<!DOCTYPE[^>]*>\s*|\]>)*<(\w+:)?tt[\s>]", re.DOTALL),
        re.compile(r"<(\w+:)?p[\s>]"),
        "ttml",
    ),
    (re.compile(r"\s*<SAMI[\s>]", re.IGNORECASE), re.compile(r"<SYNC\b", re.IGNORECASE), "sami"),
)
_TTML_OF_OLD = re.compile(r"http://www\.w3\.org/2006/(?:04|10)/ttaf1")
_WORD = re.compile(r"\w+")
_OPEN_TAG = re.compile(r"<\w[^<>]*=\s*\"[^\"]*<")
_INLINE = re.compile(r"</?(?:\w+:)?(?:[a-oq-z]|font|span|em|strong)(?:\s[^<>]*)?>", re.IGNORECASE)
_TAG, _OVERRIDE = re.compile(r"<[^<>]*>"), re.compile(r"\{[^{}]*\}|\\[Nnh]")
_HEADER_ROW = re.compile(r"(Style|ScriptType:\s*v[\d.+]+$|;)|\[[\w+ ]+\]$|Format:[\w\s,]*$", re.IGNORECASE)
_BEFORE_WORDS = re.compile(r"^(Dialogue|Comment):(?:[^,]*,){9}")
_FIELDS = re.compile(r"^(Dialogue|Comment):[^,]*,[^,]*,[^,]*,[^,]*,")  # layer, times and style


def _kind(source: Source) -> tuple[re.Pattern[str], str] | None:
    top = source.text[:2000].lstrip("\ufeff")
    return next(((opens, name) for first, opens, name in _KINDS if first.match(top)), None)


def _sniff(source: Source) -> bool:
    return _kind(source) is not None or source.suffix in FORMAT.suffixes


def _read(source: Source) -> list[Line]:
    found = _kind(source)
    if found is None:
        raise source.problem(1, "these are no subtitles of a known kind", "export them as SubRip or WebVTT")
    opens, name = found
    if "<!DOCTYPE" in source.text or "<!ENTITY" in source.text:
        raise source.problem(None, "the file defines its own names for text", "export it as SubRip or WebVTT")
    if name != "ass" and (broken := _OPEN_TAG.search(source.text)):
        line = source.text.count("\n", 0, broken.start()) + 1
        raise source.problem(line, "a tag is not closed: words stand inside it", "export it as SubRip or WebVTT")
    text = _TTML_OF_OLD.sub("http://www.w3.org/ns/ttml", "\n".join(source.lines))
    try:
        with warnings.catch_warnings(action="ignore"):  # of fields that are not read here
            subtitles = pysubs2.SSAFile.from_string(text, format_=name)
    except (pysubs2.exceptions.Pysubs2Error, *PARSER_FAULTS) as error:
        what = f"these subtitles cannot be read ({type(error).__name__})"
        raise source.problem(None, what, "export them as SubRip or WebVTT") from None
    aside: list[Line] = []
    if len(subtitles) < len(opens.findall(text)):
        what = f"only {len(subtitles)} of {len(opens.findall(text))} captions can be read"
        raise source.problem(None, what, "export them as SubRip or WebVTT")
    places = [text[: match.start()].count("\n") + 1 for match in opens.finditer(text)]
    numbers = places if len(places) == len(subtitles) else [None] * len(subtitles)
    cues: list[Cue] = []
    lines: list[Line] = []
    for number, event in zip(numbers, subtitles, strict=True):
        words, start = event.plaintext.strip(), round(event.start / 1000, 3)
        if event.is_comment:
            aside.append(left_out(words, number, "a comment"))
        elif words:
            cues.append(
                Cue("", start, tuple((number or len(cues) + 1, row) for row in words.split("\n") if row.strip()))
            )
            lines.append(Line(event.name.strip() or None, " ".join(words.split()), start, number, joins=True))
    aside += _missed(text, name, [*aside, *lines])
    if any(line.speaker for line in lines):
        return [*aside, *sorted(lines, key=lambda line: line.start or 0)]
    return [*caption_lines(source, sorted(cues, key=lambda cue: cue.start)), *aside]


def _missed(text: str, name: str, lines: list[Line]) -> list[Line]:
    """The words of the file that the library left out without saying so: a row, or a text between tags."""
    heard = {word for line in lines for word in _WORD.findall(f"{line.speaker} {line.text}".lower())}
    left = [_run(line.text) for line in lines]
    rows = (
        _OVERRIDE.sub("", text).split("\n")
        if name == "ass"
        else html.unescape(_TAG.sub("\n", _INLINE.sub("", text))).split("\n")
    )
    missed: list[Line] = []
    for row in rows:
        if len(_WORD.findall(row)) < 2 or _HEADER_ROW.match(row.strip()):
            continue
        own, words = _run(_BEFORE_WORDS.sub("", row.strip())), _run(_FIELDS.sub("", row.strip()))
        at = next((i for i, said in enumerate(left) if own in said), None)
        if at is not None:
            left[at] = left[at].replace(own, " ", 1)
        if at is None or any(word not in heard and not word.isdigit() for word in words.split()):
            missed.append(left_out(row.strip(), None, "other text of the file"))
    return missed


def _run(text: str) -> str:
    return " ".join(_WORD.findall(text.lower()))


FORMAT = Format(
    "subtitles",
    "subtitles in SubStation Alpha, TTML or SAMI",
    (".ass", ".ssa", ".ttml", ".dfxp", ".smi", ".sami"),
    _sniff,
    _read,
)
