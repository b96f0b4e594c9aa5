"""Files as answers: the formats, their description in the API's documentation, and the response."""

import re
from typing import Any
from urllib.parse import quote

from fastapi.responses import Response

MEDIA = {
    "html": "text/html; charset=utf-8",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "pdf": "application/pdf",
    "md": "text/markdown; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "csv": "text/csv; charset=utf-8",
    "yaml": "application/yaml",
    "json": "application/json",
}


def described(*forms: str) -> dict[int | str, dict[str, Any]]:
    """The OpenAPI description of a route that sends a file in one of these formats."""
    schema = {"type": "object"} if set(forms) <= {"yaml", "json"} else {"type": "string", "format": "binary"}
    content = {MEDIA[form].partition(";")[0]: {"schema": schema} for form in forms}
    return {200: {"description": "The file.", "content": content}}


def attached(content: bytes, name: str, form: str) -> Response:
    """A download named `name`, whatever letters that contains."""
    name = re.sub(r'[\x00-\x1f\x7f/\\:*?"<>|]+', "-", name)  # what no file may be called everywhere
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")[:80] or "file"
    shown = f'attachment; filename="{plain}.{form}"'
    if plain != name:
        shown += f"; filename*=UTF-8''{quote(name[:120], safe='')}.{form}"
    return Response(content, media_type=MEDIA[form], headers={"Content-Disposition": shown})
