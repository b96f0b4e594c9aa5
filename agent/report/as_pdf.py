"""Documents as PDF, set by Typst. Its package holds the typesetter and the fonts: nothing else has to be installed."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from agent.report.blocks import Block, Document, Together
from agent.report.words import day

TEMPLATE = Path(__file__).parent / "house.typ"


def pdf(document: Document) -> bytes:
    """`document` as a tagged PDF. The same document gives the same pages on every machine that has the same fonts."""
    import typst

    data = {
        "title": document.title,
        "subtitle": document.subtitle,
        "date": day(document.made_on),
        "year": document.made_on.year,
        "month": document.made_on.month,
        "day": document.made_on.day,
        "provenance": document.provenance,
        "blocks": [_block(block) for block in document.blocks],
    }
    made: Any = typst.compile(TEMPLATE.read_bytes(), format="pdf", sys_inputs={"document": json.dumps(data)})
    return bytes(made)


def _block(block: Block) -> dict[str, Any]:
    if isinstance(block, Together):
        return {"is": "Together", "blocks": [_block(part) for part in block.blocks]}
    return {"is": type(block).__name__, **asdict(block)}
