"""From files to a published rubric: upload, patterns, criteria."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from pathlib import Path

from agent.calls.store import Calls
from agent.rubrics.store import Rubrics
from tests.browser.people import Person, select_words
from tests.browser.served import AS_SAID_IN, Served
from tests.browser.story.team import CHOSEN, DISPUTED, KEPT, QUOTED, SIXTY, Team
from tests.builders import SAMPLE


def zipped(folder: Path, kind: str) -> Path:
    """A folder of the sample as one zip, its manifest in it."""
    path = folder / f"{kind}.zip"
    with zipfile.ZipFile(path, "w") as packed:
        for file in sorted((SAMPLE / kind).iterdir()):
            packed.write(file, f"{kind}/{file.name}")
    return path


def upload(lead: Person, kind: str, files: Path, count: int) -> None:
    """Bring a zip, look at what would be stored, store it."""
    lead.go(f"/upload?kind={kind}")
    lead.page.locator("input[name=files]").set_input_files(files)
    lead.press("Look at them")
    lead.page.wait_for_url(re.compile(r"/upload/.+"))
    lead.press(f"Store these {count} {kind}s")
    lead.sees(f"{count} stored.")


def upload_the_sample(team: Team) -> None:
    """Interviews and calls, each as a zip with its table."""
    upload(team.lead, "interview", zipped(team.served.folder, "interviews"), 18)
    upload(team.lead, "call", zipped(team.served.folder, "calls"), 40)


def upload_of_sixty(team: Team) -> None:
    """After drafting, whose recorded replies are about the sample's calls alone."""
    upload(team.lead, "call", calls_of_sixty(team.served.folder), 120)


def calls_of_sixty(folder: Path) -> Path:
    """Two calls of each of sixty reps in one zip, with the words of calls of the sample."""
    rows = list(csv.DictReader((SAMPLE / "calls" / "calls.csv").read_text().splitlines()))
    path = folder / "sixty.zip"
    with zipfile.ZipFile(path, "w") as packed:
        table = io.StringIO()
        listed = csv.DictWriter(table, rows[0].keys())
        listed.writeheader()
        for place, name in enumerate(SIXTY):
            of_chosen = [row for row in rows if row["call_id"] in (QUOTED, DISPUTED)]
            for row in of_chosen if place == CHOSEN else [rows[(2 * place + more) % len(rows)] for more in (0, 1)]:
                ident = f"{place}{AS_SAID_IN}{row['call_id']}"
                listed.writerow(row | {"call_id": ident, "file": f"{ident}.txt", "rep": name})
                words = (SAMPLE / "calls" / row["file"]).read_text()
                end = f"[01:59:59] {row['customer'].split(',')[0]}: Goodbye, {name}.\n"  # the same words are no other call
                packed.writestr(f"calls/{ident}.txt", words.replace(f"] {row['rep']}: ", f"] {name}: ") + end)
        packed.writestr("calls/calls.csv", table.getvalue())
    return path


def find_patterns(team: Team) -> None:
    """Where the start page leads to: two analysts read all interviews, and the page shows how far they are."""
    lead = team.lead
    lead.go("/")
    assert "Find what separates your 9 won from your 9 lost deals." in lead.next_step().inner_text()
    lead.follow("Find patterns")
    lead.press("Find patterns")
    lead.sees("The patterns are found.", 60)


def change_patterns(team: Team) -> None:
    """Give one another name, reject one; both stand in the history."""
    lead = team.lead
    lead.follow("Read the patterns first")
    lead.page.get_by_role("heading", name="without a clear difference").click()
    lead.follow("Demoed on a made-up company")
    lead.page.get_by_label("Another name").fill("Showed an invented company")
    lead.press("Rename")
    lead.sees("It is now called “Showed an invented company”.")
    lead.go("/patterns")
    lead.page.get_by_role("heading", name="without a clear difference").click()
    lead.follow("Opened with personal small talk")
    lead.page.get_by_label("Reject it, because").fill("Everybody does it, won or lost.")
    lead.press("Reject")
    lead.sees("Rejected: no criterion will be drafted from it.")
    assert "Everybody does it, won or lost." in lead.page.locator("#history").inner_text()


def draft_criteria(team: Team) -> None:
    """A criterion for each pattern that separates; those that only lean are proposed too, and unticked."""
    lead = team.lead
    lead.go("/")
    lead.follow("Draft criteria")
    lead.sees("Untick what you do not want")
    for leaning in lead.page.locator(".proposal label:has(small) input").all():
        leaning.uncheck()
    lead.press("Draft criteria")
    lead.sees("The criteria are drafted.", 60)
    lead.follow("Open the rubric")


def edit_and_publish(team: Team) -> None:
    """Three criteria are kept; one gets words of a call as an example, and another description; then it is published."""
    lead, served = team.lead, team.served
    lead.go("/rubric")
    lead.follow("v1")
    lead.follow("Edit")
    lead.sees("A working copy")
    gone = lead.page.locator("[id^=c-]").filter(has_not=lead.page.locator(_any_of(KEPT)))
    while left := gone.count():
        gone.first.get_by_role("button", name="Take out").click()
        gone.nth(left - 1).wait_for(state="detached")
    lead.follow(KEPT["asked_problem_consequence"])
    lead.page.get_by_label("Call or interview").fill("dev-call-14")
    lead.press("Open")
    words = said_by_rep(served, "dev-call-14")
    select_words(lead.page, "#source .said", words)
    assert lead.page.locator("[name=pick_words]").input_value() == words
    lead.page.get_by_label("Why it shows it, or does not").fill("It asks for a fact, not for what follows from it.")
    lead.press("Add as absent")
    lead.sees("Added as absent example, and saved.")
    description = lead.page.get_by_label("Description: what the rep says or does")
    description.fill(description.input_value() + " A question about who is affected counts as well.")
    lead.press("Save")
    lead.sees("Saved.")
    lead.page.get_by_label("Label of the new version").fill("spring")
    lead.press("Publish as a new version")
    lead.sees("spring is published.")
    space = served.space()
    rubric = space.store[Rubrics].get("spring")
    space.store.close()
    assert [c.id for c in rubric.criteria] == list(KEPT)
    assert words in [e.text for e in rubric.criteria[0].examples]


def _any_of(names: dict[str, str]) -> str:
    return ", ".join(f"a[href$='/edit/{ident}']" for ident in names)


def said_by_rep(served: Served, call: str) -> str:
    """Some whole words of the rep's third turn."""
    space = served.space()
    found = space.store[Calls].get(call)
    space.store.close()
    turns = [turn.text for turn in found.transcript.turns if turn.speaker == found.rep]
    return " ".join(turns[2].split()[:8]).rstrip(",.;?!")
