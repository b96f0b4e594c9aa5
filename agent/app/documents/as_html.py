"""Documents as one HTML page that loads nothing from elsewhere. All text is escaped."""

from html import escape
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
from agent.app.documents.scripts import isolated
from agent.core.language import _, current
from agent.core.wording import day

_STYLE = """
body{margin:0 auto;max-width:44rem;padding:1.2rem;color:#1c2430;background:#fff;font:15px/1.45 system-ui,sans-serif}
h1{font-size:1.5rem;margin:0 0 .1rem}h2{font-size:1.15rem;margin:1.2rem 0 .3rem}h3{font-size:1rem;margin:.9rem 0 .2rem}
p{margin:.3rem 0}.soft,footer{color:#566173;font-size:.88rem}
blockquote{margin:.5rem 0;padding:.1rem 0 .1rem .8rem;border-left:3px solid #d9dee6}
.good{color:#1f6f5c}.bad{color:#a2452f}
dl{display:grid;grid-template-columns:max-content 1fr;gap:.1rem .9rem;margin:.4rem 0}dt{color:#566173}dd{margin:0}
table{border-collapse:collapse;width:100%;font-size:.93rem}
th,td{text-align:left;padding:.25rem .5rem;border-bottom:1px solid #d9dee6;vertical-align:top}
td.n,th.n{text-align:right}.room{border-bottom:1px solid #98a2b3;height:1.7rem}
footer{border-top:1px solid #d9dee6;margin-top:1.5rem;padding-top:.4rem}
@media print{@page{size:A4;margin:16mm}body{max-width:none;padding:0;font-size:10pt}.page{break-before:page}
.together{break-inside:avoid}}
"""


def html(document: Document) -> str:
    """`document` as a complete HTML page."""
    under = " · ".join(part for part in (document.subtitle, day(document.made_on)) if part)
    return (
        f'<!doctype html>\n<html lang="{current()}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(document.title)}</title><style>{_STYLE}</style></head>\n<body>\n"
        f'<header><h1>{escape(document.title)}</h1><p class="soft">{escape(under)}</p></header>\n<main>\n'
        + "\n".join(map(_block, document.blocks))
        + f"\n</main>\n<footer>{escape(document.provenance)}</footer>\n</body></html>\n"
    )


def _block(block: Block) -> str:
    if isinstance(block, Together):
        return '<div class="together">' + "".join(map(_block, block.blocks)) + "</div>"
    match block:
        case Heading():
            return f"<h{block.level + 1}>{escape(block.text)}</h{block.level + 1}>"
        case Paragraph():
            lead = f"<strong>{escape(block.lead)}</strong> " if block.lead else ""
            opened = '<p class="soft">' if block.soft else "<p>"
            return f"{opened}{lead}{escape(block.text)}</p>"
        case Bullets():
            return "<ul>" + "".join(f"<li>{escape(entry)}</li>" for entry in block.entries) + "</ul>"
        case Quoted():
            return _quoted(block)
        case Facts():
            rows = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in block.rows)
            return f"<dl>{rows}</dl>"
        case Grid():
            return _grid(block)
        case Room():
            label = f"<p>{escape(block.label)}</p>" if block.label else ""
            return label + '<div class="room"></div>' * block.lines
        case NewPage():
            return '<div class="page"></div>'
        case _:
            assert_never(block)


def _quoted(block: Quoted) -> str:
    label = f'<strong class="{block.tone}">{escape(block.label)}</strong> ' if block.label else ""
    source = f' <span class="soft">{isolated(escape(block.source))}</span>' if block.source else ""
    note = f'<br><span class="soft">{isolated(escape(block.note))}</span>' if block.note else ""
    words = isolated(_("“{text}”", text=escape(block.text)))
    if block.before or block.after:
        words = f"<strong>{words}</strong>"
    before = "".join(f'<span class="soft">{isolated(escape(turn))}</span><br>' for turn in block.before)
    after = "".join(f'<br><span class="soft">{isolated(escape(turn))}</span>' for turn in block.after)
    return f"<blockquote>{before}{label}{words}{source}{after}{note}</blockquote>"


def _grid(block: Grid) -> str:
    def row(cells: tuple[str, ...], tag: str) -> str:
        opened = [f'<{tag} class="n">' if at in block.right else f"<{tag}>" for at in range(len(cells))]
        shown = (f"{start}{escape(cell)}</{tag}>" for start, cell in zip(opened, cells, strict=True))
        return f"<tr>{''.join(shown)}</tr>"

    body = "".join(row(cells, "td") for cells in block.rows)
    return f"<table><thead>{row(block.columns, 'th')}</thead><tbody>{body}</tbody></table>"
