"""Checks that this machine has fonts for all letters of a document. Typst brings its own for Latin, Greek, Cyrillic
and Hebrew. For Chinese, Japanese, Korean, Arabic and others it uses the system's fonts, and silently prints boxes if
there are none."""

import json
import unicodedata
from dataclasses import fields, is_dataclass
from functools import lru_cache
from io import BytesIO
from typing import Any

import typst

from agent.app.documents.blocks import Document
from agent.core.errors import Advice, ConfigError
from agent.core.lazy import lazy

pypdf = lazy("pypdf")

_NOTO, _CJK = "fonts-noto-core", "fonts-noto-cjk"
# By how Unicode's names of their letters begin.
_SCRIPTS = {
    **{"CJK": ("Chinese", _CJK), "HIRAGANA": ("Japanese", _CJK), "KATAKANA": ("Japanese", _CJK)},
    **{"HANGUL": ("Korean", _CJK), "ARABIC": ("Arabic", _NOTO), "HEBREW": ("Hebrew", _NOTO), "THAI": ("Thai", _NOTO)},
    **{"DEVANAGARI": ("Hindi", _NOTO)},
}
_FROM = "\u0590"  # before it stand the letters of alphabets that Typst brings fonts for
_SHOWN = (
    '#set page(height: auto)\n#set text(font: ("Libertinus Serif", "DejaVu Sans"))\n#json(bytes(sys.inputs.letters))'
)


def refuse_boxes(document: Document) -> None:
    """ConfigError that names the package to install, if letters of the document would be printed as boxes."""
    letters = {letter for text in _texts(document) for letter in text if letter >= _FROM}
    known = {letter: script for letter in letters if (script := _script(letter))}
    if missing := _without_font("".join(sorted(known))):
        name, package = known[missing[0]]
        raise ConfigError(
            f"this machine has no font for {name} ({missing[0]}): boxes would stand in the PDF instead of words",
            advice=Advice(
                text=f"install one (Debian, Ubuntu: apt-get install {package}), or take the document as DOCX or HTML"
            ),
        )


def _texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, tuple):
        return [text for part in value for text in _texts(part)]
    if is_dataclass(value) and not isinstance(value, type):
        return [text for one in fields(value) if one.name != "data" for text in _texts(getattr(value, one.name))]
    return []


def _script(letter: str) -> tuple[str, str] | None:
    return _SCRIPTS.get(unicodedata.name(letter, "").partition(" ")[0]) if letter.isalpha() else None


@lru_cache(maxsize=256)
def _without_font(letters: str) -> str:
    """Those of `letters` that Typst has no glyph for, found by setting them and looking for the glyph of a missing
    letter."""
    if not letters:
        return ""

    made: Any = typst.compile(_SHOWN.encode(), format="pdf", sys_inputs={"letters": json.dumps("\n".join(letters))})
    shown = "".join(page.extract_text() for page in pypdf.PdfReader(BytesIO(made)).pages)
    if "\0" not in shown:
        return ""
    return letters if len(letters) == 1 else "".join(filter(_without_font, letters))
