"""Somebody else's table: its first rows to look at, and a guess which column is which field."""

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from agent.text.csv_rows import header_and_rows
from agent.text.dates import TwoWays, read_day
from agent.text.importers import Source
from agent.text.outcomes import ending_of, outcome_of

# What exports call our fields, folded: lower case, words joined by `_`.
_NAMES: dict[str, tuple[str, ...]] = {
    "file": (
        *("file_name", "filename", "transcript", "transcript_file", "recording", "path", "document"),
        *("datei", "dateiname", "transkript", "fichier", "nom_du_fichier", "transcription", "archivo", "transcripción"),
    ),
    "interview_id": ("id", "interview", "interview_name"),
    "call_id": ("id", "call", "conversation_id", "meeting_id", "recording_id", "activity_id"),
    "deal_id": ("id", "opportunity_id", "deal", "record_id", "opportunity", "deal_name", "opportunity_name"),
    "deal": ("deal_id", "opportunity_id", "opportunity", "deal_name", "opportunity_name"),
    "date": (
        *("datum", "fecha"),
        *("interview_date", "call_date", "meeting_date", "day", "start_date", "started", "start_time"),
        *("recorded", "recorded_on", "created_date", "close_date"),
    ),
    "outcome": (
        *("result", "won_lost", "win_loss", "deal_outcome", "status", "deal_status", "is_won", "won"),
        *("ergebnis", "résultat", "resultado"),
    ),
    "buyer": (
        *("buyer_name", "contact", "contact_name", "interviewee", "respondent", "participant", "customer_name"),
        *("käufer", "acheteur", "comprador"),
    ),
    "rep": (
        *("verkäufer", "verkäuferin", "vendeur", "vendedor"),
        *("inhaber", "opportunity_inhaber", "propriétaire", "propietario", "ownerid"),
        *("rep_name", "sales_rep", "owner", "opportunity_owner", "deal_owner", "account_executive", "ae", "seller"),
        *("salesperson", "agent", "host"),
    ),
    "customer": (
        *("customer_name", "buyer", "contact", "contact_name", "prospect"),
        *("kunde", "kundin", "client", "cliente"),
    ),
    "account": (
        *("account_name", "company", "company_name", "organization", "organisation", "customer_account"),
        *("firma", "unternehmen", "entreprise", "société", "empresa"),
    ),
    "industry": ("sector", "vertical", "segment"),
    "stage": (
        *("stage_reached", "deal_stage", "stage_name", "stagename", "sales_stage", "call_stage", "furthest_stage"),
        *("phase", "étape", "etapa"),
    ),
    "furthest_stage": ("stage_reached", "last_stage", "highest_stage"),
    "opened": (
        *("created_date", "create_date", "created", "open_date", "opened_date", "createddate", "created_time"),
        *("created_on", "deal_created", "erstelldatum", "date_de_création", "fecha_de_creación"),
    ),
    "closed": (
        *("close_date", "closed_date", "closing_date", "actual_close_date", "closedate", "deal_closed_on"),
        *("schlusstermin", "date_de_clôture", "fecha_de_cierre"),
    ),
    "amount_usd": (
        *("amount", "deal_size_usd", "deal_size", "value", "deal_value", "amount_in_company_currency"),
        *("betrag", "montant", "importe"),
    ),
    "criterion": ("criterion_id", "behavior", "question", "competency"),
    "value": ("score", "rating", "level", "points"),
    "status": ("rating_status",),
    "period": ("cycle", "quarter"),
    "cycle": ("period", "name", "cycle_name"),
    "start": ("start_date", "from", "begins", "started"),
    "end": ("end_date", "to", "until", "ends"),
    "criteria": ("criterion", "focus", "behaviors", "coached_on"),
}  # fmt: skip
_LOOKED_AT = 50  # rows; enough to tell a column of dates from one of names


@dataclass(frozen=True, slots=True)
class Preview:
    """A table's header, its first rows (as wide as the header), and how many rows it has."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    total: int


def preview(source: Source, needed: Sequence[str] = ()) -> Preview:
    """The table in `source`: its first rows and the number of all rows. A title above the header is skipped: the
    header is the row that names the `needed` fields. Raises ImportProblem for what is no CSV or is empty."""

    def fits(cells: Sequence[str]) -> bool:
        return len(guess(Preview(tuple(cells), (), 0), needed)) == len(needed)

    head, body, _ = header_and_rows(source, fits)
    if head is None:
        raise source.problem(None, "the file is empty", "its first line names the columns")
    width = len(head[1])
    rows = tuple(tuple([*cells, *[""] * (width - len(cells))][:width]) for _, cells in body[:_LOOKED_AT])
    return Preview(tuple(head[1]), rows, len(body))


def guess(table: Preview, fields: Sequence[str], files: Collection[str] = ()) -> dict[str, str]:
    """A guess which column holds which field (field -> column), each column used once.

    Columns are matched by their names first, then by what is in them: names of `files` (those that came with the
    table), outcomes, dates.
    """
    left = [name for name in table.header if name]
    columns: dict[str, str] = {}
    for names in (lambda f: (f,), lambda f: _NAMES.get(f, ())):
        for field in fields:
            column = None if field in columns else _column_named(left, names(field))
            if column is not None:
                columns[field] = column
                left.remove(column)
    for field, fits in _tests_by_field(files).items():
        if field in fields and field not in columns:
            column = next((name for name in left if _all_fit(table, name, fits)), None)
            if column is not None:
                columns[field] = column
                left.remove(column)
    return columns


def map_options(header: Sequence[str], missing: Sequence[str], *, stage_too: bool = False) -> str:
    """The command-line options that name a column for each missing field. THEIRS is left for the person to fill in
    if no column's name gives a hint. With `stage_too` a column of stages may also be used for the outcome, if no
    other column has it."""
    table = Preview(tuple(header), (), 0)
    found, ours = guess(table, missing), {field: field for field in missing}
    if stage_too and "outcome" in missing and "outcome" not in found and (stage := guess(table, ["stage"])):
        found["outcome"], ours["outcome"] = stage["stage"], "stage,outcome"
    return " ".join(f'--map "{found.get(field, "THEIRS")}={ours[field]}"' for field in missing)


def _column_named(columns: Iterable[str], names: Sequence[str]) -> str | None:
    folded = {re.sub(r"[^\w]+", "_", column.strip().lower()).strip("_"): column for column in reversed(list(columns))}
    return next((folded[name] for name in names if name in folded), None)


def _tests_by_field(files: Collection[str]) -> dict[str, Callable[[str], bool]]:
    paths = [PurePosixPath(name.casefold()) for name in files]
    names = {name for path in paths for name in (path.name, path.stem)}
    return {
        "file": lambda cell: PurePosixPath(cell.casefold().replace("\\", "/")).name in names,
        "outcome": lambda cell: bool(outcome_of(cell) or ending_of(cell)),
        "date": _is_date,
    }


def _is_date(cell: str) -> bool:
    try:
        read_day(cell)
    except TwoWays:
        return True  # 3/4/2026 is a date, whichever
    except ValueError:
        return False
    return True


def _all_fit(table: Preview, column: str, fits: Callable[[str], bool]) -> bool:
    at = table.header.index(column)
    cells = [row[at] for row in table.rows if row[at]]
    return bool(cells) and all(map(fits, cells))
