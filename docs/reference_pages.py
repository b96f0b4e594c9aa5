"""The reference pages of the documentation site, made from the code while mkdocs builds it: they cannot fall behind.

`on_files` is mkdocs' event; the rest returns Markdown.
"""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[1]


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are made, and the decisions (docs/adr) with an index."""
    from mkdocs.structure.files import File

    for name, page in PAGES.items():
        files.append(File.generated(config, f"reference/{name}.md", content=page()))
    return files


_LINK = re.compile(r"(?<!!)\[([^\]]+)\]\(([^)]+)\)")


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:
    """Links to what is in the repository and not on the site (code, evals) as plain text with the path."""
    here = (ROOT / "docs" / page.file.src_uri).parent

    def written(found: re.Match[str]) -> str:
        text, target = found[1], found[2].partition("#")[0]
        if not target or "://" in target or target.startswith("mailto:"):
            return found[0]
        place = (here / target).resolve()
        inside = place.is_relative_to(ROOT / "docs") and not place.is_dir() and place.suffix in {".md", ".png", ".svg"}
        if inside or not place.exists():
            return found[0]  # what is nowhere stays a link, and the strict build fails on it
        path = place.relative_to(ROOT).as_posix()
        return f"`{path}`" if text.strip("`") in path else f"{text} (`{path}` in the repository)"

    return _LINK.sub(written, markdown)


def commands() -> str:
    """Every command with its arguments, options and defaults."""
    import click
    from typer.main import get_command

    from agent.main import COMMANDS, app

    root: Any = get_command(app)
    context = click.Context(root, info_name="closeread")

    def told(path: str, command: Any, parent: Any) -> Iterator[str]:
        here = click.Context(command, info_name=path.rpartition(" ")[2], parent=parent)
        if hasattr(command, "list_commands"):
            for name in command.list_commands(here):
                found = command.get_command(here, name)
                if found is not None and not found.hidden:
                    yield from told(f"{path} {name}", found, here)
            return
        yield f"### `closeread {path}`\n"
        yield f"{_told(command.help)}\n"
        rows = [_parameter(one) for one in command.get_params(here) if not getattr(one, "hidden", False)]
        rows = [row for row in rows if row]
        if rows:
            yield "| option | | default |\n|---|---|---|\n" + "\n".join(rows) + "\n"

    lines = [
        "# Commands",
        "`closeread --workspace FOLDER COMMAND …`; the folder may also stand in `CLOSEREAD_WORKSPACE`. What a command "
        "ends with: [exit codes](errors.md). `--help` behind any of them prints its part of this page.\n",
    ]
    for name, (_, text) in COMMANDS.items():
        lines += [f"## {name}\n\n{text}\n", *told(name, root.get_command(context, name), context)]
    return "\n".join(lines)


def _parameter(one: Any) -> str:
    if "--help" in one.opts:
        return ""
    names = (
        ", ".join(f"`{opt}`" for opt in (*one.opts, *one.secondary_opts)) if one.opts[0][0] == "-" else f"`{one.name}`"
    )
    default = one.default
    shown = "" if default in (None, "", False, ()) or callable(default) or one.required else f"`{default}`"
    return f"| {names} | {_cell(getattr(one, 'help', '') or '')} | {'required' if one.required else shown} |"


def _cell(text: str) -> str:
    return _plain(text).replace("|", "\\|").replace("<", "&lt;")


def _plain(text: str | None) -> str:
    return " ".join((text or "").split())


def _told(text: str | None) -> str:
    """A command's help: paragraphs, and those that are kept as they are typed (click marks them with a backspace) as code."""
    paragraphs = []
    for part in inspect.cleandoc(text or "").split("\n\n"):
        lines = part.strip("\n").split("\n")
        if lines[0].strip() != "\b":
            paragraphs.append(_plain(part))
            continue
        head = [line for line in lines[1:] if not line.startswith(" ")]
        typed = inspect.cleandoc("\n".join(line for line in lines[1:] if line.startswith(" ")))
        paragraphs.append("\n\n".join([*head, f"```text\n{typed}\n```"]))
    return "\n\n".join(paragraphs)


def errors() -> str:
    """The tree of errors, as the code has it."""
    from agent.core import errors as module

    tree = (module.__doc__ or "").split("\n\n")
    lines = [
        "# Errors and exit codes",
        "A command ends with 0, or with one line on standard error and one of these codes. The API answers with "
        "`application/problem+json`, whose `code` is the last column.\n",
        f"```\n{inspect.cleandoc(tree[1])}\n```\n",
        "| error | exit code | code of the API | it says |\n|---|---|---|---|",
    ]
    lines += [
        f"| {cls.__name__} | {cls.exit_code} | `{getattr(cls, 'code', '')}` | {_cell(cls.__doc__ or '')} |"
        for cls in _family(module.CloseReadError)
    ]
    return "\n".join(lines)


def _family(cls: Any) -> Iterator[Any]:
    yield cls
    for below in cls.__subclasses__():
        if below.__module__.startswith("agent."):
            yield from _family(below)


def api() -> str:
    """Every route with its parameters and what it returns, from the OpenAPI description that the server gives."""
    import tempfile

    from agent.server import create_app
    from agent.settings import Settings
    from agent.workspace import Workspace

    with tempfile.TemporaryDirectory() as folder:
        space = Workspace(Settings(Path(folder), f"sqlite:///{folder}/closeread.db", {}))
        described = create_app(space).openapi()
        space.store.close()
    lines = [
        "# API",
        "JSON over HTTP below `/api/v1`. A program sends `Authorization: Bearer TOKEN` (`closeread token create --role "
        "manager`). Lists come in pages: `next` of one is the `cursor` of the following. A request that changes "
        "something may carry an `Idempotency-Key`: sent again with it, it does nothing twice. Errors: "
        "[code by code](errors.md). The running server shows the full description at `/api/v1/openapi.json`.\n",
    ]
    by_tag: dict[str, list[str]] = {}
    for path, operations in described["paths"].items():
        for method, one in operations.items():
            tag = next(iter(one.get("tags", [])), "other")
            by_tag.setdefault(tag, []).append(_operation(method, path, one))
    for tag in sorted(by_tag):
        lines += [f"## {tag}\n", *by_tag[tag]]
    shapes = described["components"]["schemas"]
    lines.append("## What comes back\n")
    lines += [_shape(name, shapes[name]) for name in sorted(shapes)]
    return "\n".join(lines)


def _operation(method: str, path: str, one: dict[str, Any]) -> str:
    parameters = [p for p in one.get("parameters", []) if p["in"] in ("query", "path")]
    asked = ", ".join(f"`{p['name']}`" + ("" if p.get("required") else "?") for p in parameters)
    body = _named(one.get("requestBody", {}))
    back = next((_named(reply) for code, reply in one["responses"].items() if code.startswith("2")), "")
    facts = [f"takes {asked}" if asked else "", f"body {body}" if body else "", f"returns {back}" if back else ""]
    told = "; ".join(fact for fact in facts if fact)
    text = _plain(one.get("description") or one.get("summary"))
    return f"**`{method.upper()} {path}`** {text}{f'<br>{told}' if told else ''}\n"


def _named(body: dict[str, Any]) -> str:
    for content in body.get("content", {}).values():
        found = re.findall(r"#/components/schemas/(\w+)", json.dumps(content.get("schema", {})))
        if found:
            return ", ".join(f"[{name}](#{name.lower()})" for name in dict.fromkeys(found))
    return ""


def _shape(name: str, schema: dict[str, Any]) -> str:
    rows = [
        f"| `{key}` | {_type(field)} | {_cell(field.get('description', ''))} |"
        for key, field in schema.get("properties", {}).items()
    ]
    table = "| key | type | |\n|---|---|---|\n" + "\n".join(rows) + "\n" if rows else ""
    return f"### {name}\n\n{_plain(schema.get('description'))}\n\n{table}"


def _type(field: dict[str, Any]) -> str:
    if "$ref" in field:
        name = field["$ref"].rpartition("/")[2]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in field:
        return " or ".join(_type(one) for one in field["anyOf"])
    if field.get("type") == "array":
        return f"list of {_type(field.get('items', {}))}"
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    return str(field.get("format") or field.get("type") or "any")


def webhooks() -> str:
    """Events and how a receiver checks them."""
    from agent.webhooks import sending
    from agent.webhooks.model import EVENTS, EXAMPLES, PING
    from agent.webhooks.store import body_of

    told = {
        "call.scored": "a call was scored: its deal, what it is called in the files it came from, and which criteria were "
        "rated; never what came out, which `GET /api/v1/documents/scores?call=…` tells whoever may know it",
        "job.finished": "a job ended: done or failed, with counts",
        "job.paused": "a job waits for somebody, and why",
        "dispute.opened": "a rep disputes a rating",
        "dispute.assigned": "somebody is to answer a dispute",
        "dispute.answered": "a dispute was answered",
        "week.summary": "what the week brought, in sentences that name reps; sent only to webhooks that name this event",
    }
    missing = set(EVENTS) - set(told)
    if missing:
        raise ValueError(f"docs/reference_pages.py has no words for the events {sorted(missing)}")
    lines = [
        "# Webhooks",
        "`closeread webhook add URL --event call.scored` (or Admin > Webhooks) has other programs told. Each event is a "
        "POST of JSON, signed with the secret that was shown once.\n",
        "| event | it says |\n|---|---|",
        *(f"| `{event}` | {told[event]} |" for event in EVENTS),
        f"| `{PING}` | sent when a webhook is tried |",
        "",
        inspect.cleandoc(sending.__doc__ or ""),
        "",
        "## What each body holds",
        "`subject` is the id of what it is about. Slack, Teams and e-mail get a message made of the same.\n",
    ]
    for event in EVENTS:
        body = json.loads(body_of(event, EXAMPLES[event][0], "2026-11-30T09:30:00+00:00", EXAMPLES[event][1]))
        lines += [f"### `{event}`\n", f"```json\n{json.dumps(body, ensure_ascii=False, indent=2)}\n```\n"]
    return "\n".join(lines)


def formats() -> str:
    """What is recognised, by content."""
    from agent.text.importers import FORMATS

    rows = [f"| `{one.name}` | {one.title} | {' '.join(one.suffixes)} |" for one in FORMATS]
    return "\n".join(
        [
            "# Transcript formats",
            "Recognised by what is in the file, asked in this order; `--format NAME` decides where that fails. Which "
            "tools write them, in which versions: [reading files](../transcripts.md).\n",
            "| name | what | endings |\n|---|---|---|",
            *rows,
        ]
    )


def decisions() -> str:
    """The titles of docs/adr."""
    rows = []
    for path in sorted((ROOT / "docs" / "adr").glob("*.md")):
        title = path.read_text().partition("\n")[0].lstrip("# ")
        rows.append(f"- [{title}](../adr/{path.name})")
    return "\n".join(["# Decisions", "What was decided, why, and what it costs.\n", *rows])


def changes() -> str:
    """CHANGELOG.md."""
    return (ROOT / "CHANGELOG.md").read_text()


PAGES: dict[str, Callable[[], str]] = {
    "commands": commands,
    "errors": errors,
    "api": api,
    "webhooks": webhooks,
    "formats": formats,
    "decisions": decisions,
    "changes": changes,
}
