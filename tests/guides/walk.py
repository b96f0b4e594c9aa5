"""Guides are files of whoever writes them: the API knows none."""

from typing import Any

WALK: dict[str, Any] = {}
JSON: dict[str, Any] = {}
NO_API = {name: "guides are files of the person at the terminal" for name in ("guide lint", "guide review")}
