"""Documents as PDF, set by Typst. Its package holds the typesetter and the fonts: nothing else has to be installed."""

import json
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import Any

import typst

from agent.app.documents.blocks import Block, Document, Together
from agent.app.documents.fonts import refuse_boxes
from agent.app.documents.scripts import isolated
from agent.core.language import _, current
from agent.core.lazy import lazy
from agent.core.wording import day

pypdf = lazy("pypdf")

TEMPLATE = Path(__file__).parent / "house.typ"
# Of 10.5 pt body text. Below the last, 8.6 pt, a page that says less is read more easily.
SCALES = (1.0, 0.94, 0.88, 0.82)


def pdf(document: Document) -> bytes:
    """`document` as a tagged PDF. It has the same pages on every machine with the same fonts.

    With `one_page`, it is the version and the largest of SCALES that fit; if none fits, full size on several pages.
    ConfigError if this machine has no font for some letters, since they would be printed as boxes.
    """
    refuse_boxes(document)
    return fitted(document)[2]


def fitted(document: Document, wider: float = 1.0) -> tuple[Document, float, bytes]:
    """The version of `document` to write, the scale of its text, and its PDF. `wider` above 1 leaves room for a wider
    substitute font: for files that are opened where ours is not installed."""
    full = _compiled(document, wider)
    if not document.one_page or _pages(full) == 1:
        return document, 1.0, full
    for version in (document, *document.shorter):
        for scale in SCALES:
            if _pages(made := _compiled(version, scale * wider)) == 1:
                return version, scale, made
    if wider > 1:
        return fitted(document)
    return document, 1.0, full


def _compiled(document: Document, scale: float) -> bytes:
    data = {
        "title": document.title,
        "subtitle": isolated(document.subtitle),
        "date": day(document.made_on),
        "year": document.made_on.year,
        "month": document.made_on.month,
        "day": document.made_on.day,
        "provenance": document.provenance,
        "blocks": isolated([_block(block) for block in document.blocks]),
        "scale": scale,
        "language": current(),
        "quotes": _("“{text}”", text="\0").split("\0"),
        "pages": _("Page {page} of {pages}", page="\0", pages="\0").split("\0"),
    }
    made: Any = typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs={"document": json.dumps(data)})
    return bytes(made)


def _pages(made: bytes) -> int:
    return len(pypdf.PdfReader(BytesIO(made)).pages)


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Together):
        return {"is": "Together", "blocks": [_block(part) for part in block.blocks]}
    return {"is": type(block).__name__, **asdict(block)}
