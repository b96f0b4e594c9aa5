"""Write the tables of docs/operations that are made from the code, each between its two marks.

python docs/operations/tables.py            writes them
python docs/operations/tables.py --check    exit code 1 where one is not as the code has it
"""

import re
import sys
from pathlib import Path

from agent.settings import Environment

HERE = Path(__file__).parent


def environment() -> str:
    """Our variables, their defaults, what they say."""
    rows = ["| variable | default | what it says |", "|---|---|---|"]
    for (name, says), field in zip(Environment.names().items(), Environment.model_fields.values(), strict=True):
        default = f"`{field.default}`" if field.default else "none"
        rows.append(f"| `{name}` | {default} | {says} |")
    return "\n".join(rows)


TABLES = {"settings.md": {"environment": environment}}


def written(text: str, name: str, table: str) -> str:
    """`text` with `table` between the marks of `name`."""
    marks = rf"(<!-- {name}: made by docs/operations/tables.py -->\n).*?(\n<!-- end -->)"
    found, times = re.subn(marks, lambda mark: mark[1] + table + mark[2], text, flags=re.DOTALL)
    if times != 1:
        raise SystemExit(f"the marks of {name} are not there once")
    return found


def main() -> None:
    """All tables."""
    wrong = []
    for page, tables in TABLES.items():
        text = before = (HERE / page).read_text(encoding="utf-8")
        for name, make in tables.items():
            text = written(text, name, make())
        if text != before:
            wrong.append(page)
            if "--check" not in sys.argv:
                (HERE / page).write_text(text, encoding="utf-8")
    print("written:" if "--check" not in sys.argv else "not as the code has them:", ", ".join(wrong) or "none")
    sys.exit(bool(wrong) if "--check" in sys.argv else 0)


if __name__ == "__main__":
    main()
