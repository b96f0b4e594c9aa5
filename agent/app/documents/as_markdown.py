"""Documents as Markdown."""

import re
from typing import assert_never

from agent.app.documents.blocks import (
    Block,
    Bullets,
    Document,
    Facts,
    Grid,
    Heading,
    NewPage,
    Paragraph,
    Quoted,
    Room,
    Together,
)
from agent.core.language import _
from agent.core.wording import day

_LINE_START = re.compile(r"^(\s*)([-+=~:]|\d+[.)])", re.MULTILINE)


def markdown(document: Document) -> str:
    """`document` as Markdown text that ends with a line feed."""
    under = " · ".join(part for part in (document.subtitle, day(document.made_on)) if part)
    parts = [
        f"# {plain(document.title)}",
        plain(under),
        *map(_block, document.blocks),
        "---",
        plain(document.provenance),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def plain(text: str) -> str:
    """`text` on one line with Markdown and HTML escaped."""
    flat = "".join(f"\\{c}" if c in "\\`*_[]<>#|&" else c for c in " ".join(text.split()))
    return _LINE_START.sub(lambda found: f"{found[1]}{found[2][:-1]}\\{found[2][-1]}", flat)


def _block(block: Block) -> str:
    match block:
        case Together():
            return "\n\n".join(map(_block, block.blocks))
        case Heading():
            return f"{'#' * (block.level + 1)} {plain(block.text)}"
        case Paragraph():
            return f"**{plain(block.lead)}** {plain(block.text)}" if block.lead else plain(block.text)
        case Bullets():
            return "\n".join(f"- {plain(entry)}" for entry in block.entries)
        case Quoted():
            return _quoted(block)
        case Facts():
            return "\n".join(f"- **{plain(name)}:** {plain(value)}" for name, value in block.rows)
        case Grid():
            rules = ["---:" if place in block.right else "---" for place in range(len(block.columns))]
            rows = [block.columns, *block.rows]
            written = ["| " + " | ".join(map(plain, row)) + " |" for row in rows]
            return "\n".join([written[0], "| " + " | ".join(rules) + " |", *written[1:]])
        case Room():
            return "\n\n".join([*([plain(block.label)] if block.label else []), *["\\_" * 40] * block.lines])
        case NewPage():
            return ""
        case _:
            assert_never(block)


def _quoted(block: Quoted) -> str:
    label = f"**{plain(block.label)}** " if block.label else ""
    source = f" ({plain(block.source)})" if block.source else ""
    note = f"\n>\n> {plain(block.note)}" if block.note else ""
    words = _("“{text}”", text=plain(block.text))
    if not block.before and not block.after:
        return f"> {label}{words}{source}{note}"
    around = [*map(plain, block.before), f"{label}**{words}**{source}", *map(plain, block.after)]
    return "\n>\n".join(f"> {line}" for line in around) + note
