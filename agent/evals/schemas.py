"""The published JSON schemas."""

import json
from pathlib import Path
from typing import Any

from agent.evals.report import report_schema
from agent.evals.suite_files import case_schema, suite_schema


def schemas() -> dict[str, dict[str, Any]]:
    """File name -> schema."""
    return {
        "suite.schema.json": suite_schema(),
        "case.schema.json": case_schema(),
        "report.schema.json": report_schema(),
    }


def schema_text(schema: dict[str, Any]) -> str:
    """A schema as it is published."""
    head = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    return json.dumps({**head, **schema}, indent=1, ensure_ascii=False) + "\n"


def write_schemas(folder: Path) -> list[Path]:
    """Write them all below `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name, schema in schemas().items():
        (folder / name).write_text(schema_text(schema), encoding="utf-8")
        written.append(folder / name)
    return written
