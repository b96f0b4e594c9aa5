"""Lists of words, as regular expressions in YAML beside the code that looks for them: `words/LANGUAGE.yaml`.

A list of patterns is found where one of them is, in capitals or not. `{name}` stands for the piece of that name in the
list `parts` above it.
"""

import re
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BeforeValidator

from agent.core.yaml_files import read_document

T = TypeVar("T")


def _any(patterns: list[str]) -> re.Pattern[str]:
    return re.compile("|".join(f"(?:{pattern})" for pattern in patterns), re.IGNORECASE)


Words = Annotated[re.Pattern[str], BeforeValidator(_any)]


def word_list(path: Path, shape: type[T]) -> T:
    """The file as `shape`, whose patterns are `Words`."""
    document = read_document(path)
    told = dict(document.data)
    parts: dict[str, str] = {}
    for name, pattern in told.pop("parts", {}).items():
        parts[name] = _filled(pattern, parts)
    read: T = document.read_as(shape, _filled(told, parts))
    return read


def _filled(told: Any, parts: dict[str, str]) -> Any:
    if isinstance(told, dict):
        return {key: _filled(value, parts) for key, value in told.items()}
    if isinstance(told, list):
        return [_filled(one, parts) for one in told]
    return re.sub(r"\{([a-z_]+)\}", lambda name: parts.get(name[1], name[0]), told)
