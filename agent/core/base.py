"""The base of all domain types, and ids made from content."""

import hashlib
import json
from typing import Any

from pydantic import BaseModel, ConfigDict


class Frozen(BaseModel):
    """An immutable value. Unknown fields and silent conversions are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)


_CANONICAL = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def canonical_json(data: Any) -> str:
    """`data` as JSON with sorted keys and no spaces: equal data gives equal text."""
    return _CANONICAL.encode(data)


def content_id(prefix: str, data: Any) -> str:
    """`prefix-` and the first 12 hex digits of the SHA-256 of the canonical JSON of `data`."""
    return f"{prefix}-{hashlib.sha256(canonical_json(data).encode()).hexdigest()[:12]}"
