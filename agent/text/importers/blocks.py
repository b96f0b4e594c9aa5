"""A document as blocks (paragraphs and tables in their order) to lines: what Word and HTML files have in common."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from agent.text.importers.base import MAX_ROWS, Line, Source, left_out
from agent.text.importers.plain import lines_of_text
from agent.text.importers.rows import Columns, guessed_columns, header_of, row_lines, words_in_header
from agent.text.importers.styles import is_time


@dataclass(frozen=True, slots=True)
class Block:
    """A paragraph (`text`, and whether it is a heading) or a table (`rows` of cells)."""

    text: str = ""
    heading: bool = False
    rows: tuple[tuple[str, ...], ...] = ()


def lines_of_blocks(source: Source, blocks: Sequence[Block]) -> list[Line]:
    """The turns in the tables of turns, else in the paragraphs. What stands beside the tables is left out."""
    if len(blocks) > MAX_ROWS:
        raise source.problem(
            None, f"the document has more than {MAX_ROWS} paragraphs", "one transcript a file: split it"
        )
    if source.one_voice:
        said = [block.text or "\n".join(" | ".join(filter(None, row)) for row in block.rows) for block in blocks]
        return lines_of_text(source, [row for text in said for row in (*text.split("\n"), "")])
    lines: list[Line] = []
    aside: list[Line] = []
    columns: Columns | None = None
    for block in blocks:
        found = _turn_table(block.rows, columns)
        if found:
            columns, first = found
            numbered = list(enumerate(block.rows, start=1))
            above = numbered[: max(0, first - 1)]
            aside += [left_out(" | ".join(row), None, "above the header") for _, row in above if any(row)]
            aside += [line for row in numbered[max(0, first - 1) : first] for line in words_in_header(row)]
            lines += row_lines(source, columns, numbered[first:])
        elif text := block.text or " | ".join(cell for row in block.rows for cell in row if cell):
            aside.append(left_out(text, None, "beside the table of turns"))
    if lines:
        return [*aside, *lines]
    rows, headings = _rows(blocks)
    return [*(left_out(text, None, "a heading") for text in headings), *lines_of_text(source, rows)]


def _turn_table(rows: Sequence[Sequence[str]], before: Columns | None) -> tuple[Columns, int] | None:
    """The columns of a table of turns and its first row of words; None for a table of anything else.

    A table without a header that is as wide as the one `before` goes on with it.
    """
    numbered = list(enumerate(rows, start=1))
    if not rows:
        return None
    if found := header_of(numbered):
        return found[1], found[0] + 1
    if before and all(len(row) == before.width for row in rows):
        return before, 0
    guessed = guessed_columns(rows) if len(rows) > 1 else None
    return (guessed, 0) if guessed else None


def _rows(blocks: Sequence[Block]) -> tuple[list[str], list[str]]:
    """The document as rows of text, and the headings that were left out. A heading is kept if it is a time or comes
    twice, since then it is a speaker's name above words."""
    times = Counter(block.text.strip() for block in blocks)
    rows: list[str] = []
    headings: list[str] = []
    for block in blocks:
        text = block.text.strip()
        if block.heading and not is_time(text) and times[text] == 1 and "transcript" not in text.lower():
            rows.append("")
            headings.append(text)
        elif block.rows:
            rows += [line for row in block.rows for cell in row for line in cell.split("\n")]
        else:
            rows += block.text.split("\n")
    return rows, headings
