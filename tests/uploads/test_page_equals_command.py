"""The upload page and the API say of a table what the command says of it: tables as people have them."""

import json
from collections import Counter
from pathlib import Path

import pytest

from agent.core.errors import CloseReadError
from agent.uploads.reading import Brought, check
from agent.uploads.staged import check_staged
from agent.uploads.staging import StagingArea
from agent.uploads.tables import FIELDS, columns_of, preset_columns
from tests.api.conftest import made_site

FOLDER = Path(__file__).resolve().parents[1] / "data" / "imports"
CASES = json.loads((FOLDER / "tables.json").read_text())
TABLES = {name: case for name, case in CASES.items() if case["command"].split()[0] in ("deals", "coaching")}


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory):
    with made_site(tmp_path_factory.mktemp("tables")) as site:
        yield site


def by_command(space, kind, path, given):
    brought = Brought(
        kind,
        path.name,
        path,
        columns=given.get("map", {}),
        dates=given.get("dates", ""),
        preset=given.get("preset", ""),
    )
    checked = check(space, brought)
    return Counter(checked.counts), sorted((p.number, p.what) for p in checked.problems), sorted(checked.notes)


def by_page(site, kind, path, given):
    """What a person does there: bring the file, say which CRM it is from, choose the columns that are named by `given`."""
    area = StagingArea(site.space.settings.workspace, site.people["ops_lead"].id)
    staged = area.begin(kind)
    with path.open("rb") as file:
        area.add(staged.id, path.name, file)
    said = {"manifest": path.name, "preset": given.get("preset", ""), "dates": given.get("dates", "")}
    staged = staged.model_copy(update=said)
    own = {field.strip(): theirs for theirs, ours in given.get("map", {}).items() for field in ours.split(",")}
    there = preset_columns(site.space, staged.preset) or {
        field: theirs  # the page guesses optional columns as well, which the person may choose not to have
        for field, theirs in columns_of(area, staged, path.name).chosen.items()
        if field in FIELDS[kind].needed or "_".join(theirs.lower().split()) == field
    }
    taken = set(own.values())
    columns = {field: theirs for field, theirs in there.items() if theirs not in taken} | own
    checked = check_staged(site.space, area, area.keep(staged.model_copy(update={"columns": columns})))
    area.discard(staged.id)
    return Counter(checked.counts), sorted((p.number, p.what) for p in checked.problems), sorted(checked.notes)


@pytest.mark.parametrize("name", TABLES)
def test_the_page_says_what_the_command_says(site, name):
    case = TABLES[name]
    for way in case.get("either", [case]):
        given = way.get("given", case.get("given", {}))
        kind = "deals" if case["command"].startswith("deals") else "coaching"
        try:
            command = by_command(site.space, kind, FOLDER / name, given)
        except CloseReadError:
            continue  # the page guesses more columns than the command takes without being told
        assert by_page(site, kind, FOLDER / name, given) == command
