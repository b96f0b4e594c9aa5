"""`closeread backup` and `closeread restore`."""

from pathlib import Path
from typing import Annotated

import typer

from agent.app.cli.context import Json, me, print_json, say
from agent.backup import verbs
from agent.backup.verbs import Backup
from agent.backup.views import BackupView
from agent.db.audit import AuditLog
from agent.settings import Settings

File = Annotated[Path, typer.Argument(help="File of the backup.", dir_okay=False)]


def backup(
    ctx: typer.Context,
    file: File,
    cache: Annotated[bool, typer.Option("--cache/--no-cache", help="Also the kept replies of models.")] = True,
    json: Json = False,
) -> None:
    """Write the whole workspace into one file while it is in use; the file is read again and checked."""
    _shown(verbs.back_up(me(ctx), file, cache=cache), "written and checked", json)


def restore(
    ctx: typer.Context,
    file: Annotated[Path, typer.Argument(help="File of the backup.", exists=True, dir_okay=False)],
    check: Annotated[bool, typer.Option("--check", help="Only read it through; nothing is written.")] = False,
    json: Json = False,
) -> None:
    """Make a workspace out of a backup: into a folder (and a PostgreSQL database) where there is none yet."""
    if check:
        _shown(verbs.check(file), "whole", json)
        return
    made = verbs.restore(Settings.read(ctx.find_root().params.get("workspace")), file)
    who = me(ctx)
    who.space.store[AuditLog].append("restored", made.id, person=who.signature, of=made.manifest.at.isoformat())
    _shown(made, "restored, rows counted, audit log checked", json)


def _shown(made: Backup, what: str, json: bool) -> None:
    view = BackupView.of(made)
    if json:
        return print_json(view)
    typer.echo(view.file)
    say(
        f"{what}: as it was at {view.at:%Y-%m-%d %H:%M} UTC; tables: {view.tables}, rows: {view.rows:,}, files: "
        f"{view.files}, bytes: {view.bytes:,}; newest line of the audit log: {view.audit}"
    )
