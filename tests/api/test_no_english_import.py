"""An import in another language, step by step, with what is refused in it, and pages of errors: no English of ours is left."""

from __future__ import annotations

import re

import pytest

from agent.people.store import People
from deploy.catalogs import OTHERS
from tests.api.conftest import csrf, made_site
from tests.api.test_no_english import OWN, SAME, SAME_IN
from tests.app.english import Words, english_left

pytestmark = pytest.mark.slow

TALK = "Rae: What does the late close cost you each month?\nCus: About nine thousand.\n"
OTHER = "Speaker 1: Who signs this off on your side?\nSpeaker 2: Our controller does, in March.\nAsterix: So be it.\n"
LOOSE = "We met on Monday and they liked it.\nThey sign in March.\n"
MANY = "Rae: Good morning.\nCus: Morning. The close takes nine days.\nNote: line was bad\nCus: Still nine days.\n"
INTERVIEWS = (
    "file,date,outcome,buyer,rep\n"
    "fine.txt,2026-10-02,won,Cus,Rae\n"
    "strange.txt,2026-10-03,lost,Nora,Rae\n"
    "loose.txt,2026-10-03,lost,Nora,Rae\n"
    "empty.txt,2026-10-03,lost,Nora,Rae\n"
    "many.txt,31.02.2026,won,Cus,Rae\n"
    "many.txt,2026-10-04,maybe,Cus,Rae\n"
    "copy.txt,2026-10-05,won,Cus,Rae\n"
    "broken.docx,2026-10-06,won,Cus,Rae\n"
    "away.txt,2026-10-06,won,Cus,Rae\n"
    "many.txt,3/4/2026,won,,Rae\n"
)
DEALS = (
    "Nummer,Wer,Beginn,Ende,Ergebnis\n"
    "d-1,Rae,2026-01-02,2026-02-03,won\nd-2,Rae,2026-01-02,2026-02-31,lost\nd-3,Rae,2026-05-02,2026-02-03,lost\n"
    "d-4,Rae,2026-01-02,2026-02-03,perhaps\nd-1,Rae,2026-01-02,2026-02-03,won\nd-5,Raee,2026-01-02,2026-02-03,lost\n"
)
FIELDS = {"deal_id": "Nummer", "rep": "Wer", "opened": "Beginn", "closed": "Ende", "outcome": "Ergebnis"}
RATINGS = "call_id,date,rep,criterion,value\nx-1,2026-01-02,Rae,asks_cost,1\nx-1,2026-01-02,Rae,asks_cosst,7\ncall-1,2026-01-05,Sam,asks_cost,1\n"
CYCLES = "rep,cycle,start,end,criteria\nRae,c1,2026-01-01,2026-02-01,asks_cost\nRae,c2,2026-05-01,2026-02-01,nothing\n"
# Words of the files, and what addresses, fields of forms and formats are called.
WORDS = (
    "Cus Nora Rae Raee Sam Asterix Speaker Note perhaps maybe Nummer Wer Beginn Ende Ergebnis nothing asks_cosst Monday "
    "limit role text budget Hubspot"
)


def _files(*named):
    return [("files", (name, text if isinstance(text, bytes) else text.encode(), "text/plain")) for name, text in named]


class Person:
    """Somebody's browser, in which each page that is seen is kept under a name."""

    def __init__(self, browser, seen):
        self.browser, self.seen, self.token = browser, seen, csrf(browser, "/")

    def see(self, name, path):
        """A page, under that name."""
        answer = self.browser.get(path)
        assert answer.headers["content-type"].startswith("text/html"), (name, answer.headers)
        self.seen[name] = answer.text
        return answer

    def post(self, name, path, form, files=None, token=None):
        """What is sent, and the page to which it leads."""
        data = form | {"csrf": self.token if token is None else token}
        answer = self.browser.post(path, data=data, files=files)
        if answer.status_code == 303:
            where = answer.headers["location"]
            self.see(name, where)
            return where
        self.seen[name] = answer.text
        return path


def _import_of_interviews(lead):
    lead.post("nothing sent", "/upload", {"kind": "interview"}, _files(("", "")))
    lead.see("start of an upload", "/upload?kind=interview")
    files = _files(
        ("interviews.csv", INTERVIEWS),
        ("fine.txt", TALK),
        ("copy.txt", TALK),
        ("strange.txt", OTHER),
        ("loose.txt", LOOSE),
        ("many.txt", MANY),
        ("empty.txt", ""),
        ("broken.docx", b"PK\3\4 no zip"),
        ("photo.exe", b"MZ\0\0"),
        ("sound.mp3", b"ID3\0"),
    )
    at = lead.post("interviews with questions", "/upload", {"kind": "interview"}, files)
    lead.see("who speaks in a file", f"{at}?speakers=fine.txt")
    lead.post("another table", f"{at}/table", {"kind": "interview", "manifest": "interviews.csv", "dates": "day_first"})
    said = {"label-0": "strange.txt:Speaker 2", "part-0": "buyer", "label-1": "strange.txt:Speaker 1", "part-1": "rep"}
    lead.post("who speaks is said", f"{at}/speakers", said)
    lead.post("notes of one voice", f"{at}/speakers", {"notes": "loose.txt"})
    lead.post("a model is asked", f"{at}/proposals", {})
    lead.post("recordings are to be heard", f"{at}/hear", {"budget": "much"})
    lead.post("interviews are stored", f"{at}/store", {})
    lead.see("earlier uploads", "/upload")
    lead.post("the rest is thrown away", f"{at}/discard", {})


def _import_of_calls(lead):
    at = lead.post("calls without a table", "/upload", {"kind": "call"}, _files(("fine.txt", TALK), ("many.txt", MANY)))
    facts = {"name-0": "fine.txt", "0-date": "tomorrow", "0-rep": "Rae", "name-1": "many.txt", "1-date": "2026-10-02"}
    lead.post("facts that are wrong", f"{at}/facts", facts)
    facts |= {"0-date": "2026-10-02", "1-rep": "Rea", "1-customer": "Cus", "0-customer": "Cus"}
    lead.post("facts", f"{at}/facts", facts)
    done = lead.post("calls are stored", f"{at}/store", {})
    lead.post("an upload is taken back", f"{done}/undo", {})
    lead.see("an upload that was taken back", done)


def _import_of_tables(lead, rubric):
    at = lead.post("deals with unknown columns", "/upload", {"kind": "deals"}, _files(("deals.csv", DEALS)))
    table = {"kind": "deals", "manifest": "deals.csv"}
    lead.post("a column twice", f"{at}/table", table | {"column-rep": "Wer", "column-deal_id": "Wer"})
    lead.post("an export of a program", f"{at}/table", table | {"preset": "salesforce"})
    columns = {f"column-{field}": name for field, name in FIELDS.items()}
    lead.post("columns are chosen", f"{at}/table", table | {"preset": ""} | columns)
    lead.post("deals are stored", f"{at}/store", {})
    at = lead.post("ratings", "/upload", {"kind": "ratings"}, _files(("ratings.csv", RATINGS)))
    lead.post("ratings are stored", f"{at}/store", {})
    at = lead.post("coaching cycles", "/upload", {"kind": "coaching"}, _files(("cycles.csv", CYCLES)))
    lead.post("cycles are stored", f"{at}/store", {})
    lead.post("no table", "/upload", {"kind": "deals"}, _files(("deals.csv", "<html><body>no table</body></html>")))
    lead.post("an empty table", "/upload", {"kind": "deals"}, _files(("deals.csv", "")))


def _errors(site, lead, rep):
    for path in (
        "/nowhere",
        "/calls/no-such-1",
        "/interviews/no-such-1",
        "/profiles/Nobody",
        "/upload/no-such-1",
        "/uploads/no-such-1",
    ):
        lead.see(f"404 {path}", path)
    for path in (
        "/jobs/no-such-1",
        "/patterns/no-such-1",
        "/rubric?label=no-such-1",
        "/calibration/99",
        "/coaching/Nobody",
        "/help/no",
    ):
        lead.see(f"404 {path}", path)
    for path in ("/upload", "/admin/people", "/admin/audit", "/admin/models", "/calls/call-3"):
        rep.see(f"403 {path}", path)
    lead.post("403 no secret", "/upload", {"kind": "call"}, token="")
    lead.post("422 no kind", "/upload", {"kind": "poems"}, _files(("a.txt", TALK)))
    lead.post("422 nothing", "/admin/people", {})
    for path in (
        "/calls?after=%00",
        "/calls?since=tomorrow",
        "/outcomes?since=never",
        "/admin/audit?limit=0",
        "/calls?limit=9999",
    ):
        lead.see(f"422 {path}", path)
    person = {"name": "rep", "email": "rep@example.com", "role": "rep", "rep": "Rae"}
    lead.see("people", "/admin/people")
    lead.post("409 a person who is there", "/admin/people", person)


@pytest.fixture(name="walked", scope="module")
def _walked(tmp_path_factory):
    """The pages of the same walk in each language, and the words of the workspace."""
    pages, words = {}, None
    for code in ("", *OTHERS):
        with made_site(tmp_path_factory.mktemp("import")) as site:
            for person in site.people.values():
                site.space.store[People].choose_language(person.id, code)
            seen = pages[code] = {}
            site.ops_browser.headers["Accept-Language"] = code or "en"
            lead, rep = Person(site.ops_browser, seen), Person(site.browser("rep"), seen)
            _import_of_interviews(lead)
            _import_of_calls(lead)
            _import_of_tables(lead, site)
            _errors(site, lead, rep)
            stranger = site.anonymous()
            stranger.headers["Accept-Language"] = code or "en"
            seen["sign-in"] = stranger.get("/sign-in").text
            seen["sign-in after the session ended"] = stranger.get(stranger.get("/upload").headers["location"]).text
            wrong = {"name": "rep", "password": "wrong", "csrf": csrf(stranger, "/sign-in")}
            seen["wrong password"] = stranger.post("/sign-in", data=wrong).text
            seen["sign-in without its secret"] = stranger.post("/sign-in", data=wrong | {"csrf": "no"}).text
            if not code:
                words = Words(
                    site.space.store.engine, (*OWN, *WORDS.split(), *re.split(r"\n|: ", TALK + OTHER + LOOSE + MANY))
                )
    return pages, words


@pytest.mark.parametrize("code", OTHERS)
def test_an_import_and_its_errors_have_no_english_of_ours(walked, code):
    pages, words = walked
    same = " ".join((*SAME.values(), *SAME_IN[code].values())).split()
    left = {
        (text, why): name
        for name, told in pages[code].items()
        for text, why in english_left(pages[""][name], told, code, words, same).items()
    }
    assert pages[code].keys() == pages[""].keys()
    assert not left, "\n".join(f"{name}: {text[:300]!r}: {why}" for (text, why), name in left.items())
