"""Writing a document in any of its formats."""

from pathlib import Path
from typing import Literal, assert_never

from agent.app.documents import as_docx, as_html, as_markdown, as_pdf, as_tables
from agent.app.documents.blocks import Document, writable

Format = Literal["docx", "pdf", "md", "html", "xlsx", "csv"]


def written(document: Document, form: Format) -> bytes:
    """`document` as the bytes of a file. UsageError for CSV of a document without tables."""
    clean = writable(document)
    match form:
        case "docx":
            return as_docx.docx(clean)
        case "pdf":
            return as_pdf.pdf(clean)
        case "md":
            return as_markdown.markdown(clean).encode()
        case "html":
            return as_html.html(clean).encode()
        case "xlsx":
            return as_tables.workbook(clean)
        case "csv":
            return as_tables.csv_text(clean).encode()
        case _:
            assert_never(form)


def write(document: Document, form: Format, path: Path) -> Path:
    """Write the document to `path`."""
    content = written(document, form)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return path
