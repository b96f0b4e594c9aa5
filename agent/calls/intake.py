"""A directory (or zip) of transcripts and its manifest into calls."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path

from agent.calls.model import Call
from agent.core.language import N_
from agent.core.transcript import SpeakerRole
from agent.text.dates import DateOrder
from agent.text.importers import Reader, Reading, Source, reading_of
from agent.text.intake import (
    Intake,
    check_roster,
    customers_of,
    file_on,
    for_file,
    load_all,
    manifest_on,
    people_of,
    placed,
    with_open_sides,
)
from agent.text.manifest import CallRow, read_call_manifest
from agent.text.names import People, all_folded, folded
from agent.text.shelf import Shelf, shelf_at

_TAKEN = N_("not in the manifest, taken for customers: {names}")


def load_calls(
    directory: Path | Shelf,
    manifest: Path | Source,
    mapping: Mapping[str, str] | None = None,
    speakers: Mapping[str, str] | None = None,
    roster: Collection[str] | None = None,
    *,
    format: str | None = None,
    reader: Reader = reading_of,
    dates: DateOrder = "",
    reps: People | None = None,
    buyers: People | None = None,
) -> Intake[Call]:
    """The calls that `manifest` lists, read from `directory`, which may be a zip (and hold the manifest).

    The manifest's rep has the role `rep`, another rep of the `roster` who speaks `other` (a colleague's words are not
    the rep's), the manifest's customers (several are separated by semicolons or commas), or the only other voice there
    is, `customer`. Of several other voices nobody is given a side (it may be a second seller): their sides stay open,
    unless `speakers` says otherwise. Arguments and errors as `agent.interviews.intake.load_interviews`.
    """
    shelf = shelf_at(directory)
    listed = read_call_manifest(manifest_on(shelf, manifest), mapping, dates)
    says, known, others = speakers or {}, reps or People(), buyers or People()
    colleagues: dict[str, SpeakerRole] = dict.fromkeys(map(folded, roster or ()), "other")

    def one(row: CallRow) -> tuple[Reading, Call]:
        check_roster(listed.name, row, roster)
        rep = known.one(row.rep)
        source = file_on(shelf, listed.name, row)
        read = reader(source, format=format, speakers=for_file(says, row, source.name), people=people_of(row))
        customers = customers_of(row.customer)
        known_parts: dict[str, SpeakerRole] = {**dict.fromkeys(map(folded, customers), "customer"), **colleagues}
        transcript = placed(listed.name, row.line, read.transcript, (rep,), "rep", known_parts, "customer")
        strange = [label for label in transcript.speakers if transcript.roles.get(label) == "customer"]
        named = all_folded([*customers, *says])
        unknown = [label for label in strange if folded(label) not in named] if row.customer else []
        if unknown:
            read = replace(read, notes=(*read.notes, _TAKEN.format(names=", ".join(unknown))))
        return with_open_sides(read, transcript, (rep,), "customer"), Call(
            id=row.id,
            alias=row.alias,
            transcript=transcript,
            date=row.date,
            rep=rep,
            customer=others.each(row.customer, ","),
            account=row.account,
            stage=row.stage,
            deal=row.deal,
            details={**({"industry": row.industry} if row.industry else {}), **row.details},
        )

    return load_all(shelf, directory, manifest, listed, one)
