"""Pages in another language hold no English of ours, whoever reads them: each is compared with the same page in English
(tests/app/english.py), those that a role may not see too, and the tables of pages as files."""

from __future__ import annotations

import io
import re
from html import escape, unescape
from time import sleep
from urllib.parse import urlencode, urljoin

import pytest
from openpyxl import load_workbook

from agent.core.people import ROLES
from agent.people.store import People
from agent.profiles.verbs import draw_baselines
from deploy.catalogs import OTHERS
from tests.api.conftest import made_site
from tests.api.season import fill_season
from tests.api.test_walk import KEYS, TABLES, values_of
from tests.app.english import Words, english_left, texts

pytestmark = pytest.mark.slow

PAGES = [key for key in KEYS if key.startswith("GET /") and not key.startswith("GET /api/") and TABLES[key].roles]
# Documents of their own (tests/documents), and what a model is told, word by word.
DOCUMENTS = re.compile(
    r"^/prompts/diff\b|/(brief|scorecard|guide/\w+|record|export)(\?|$)|^/(report|team-report|summary)(\?|$)"
)
# What the walk itself calls things: suites, kinds of jobs, reasons, what is searched.
OWN = (
    "small",
    "Twelve made calls",
    "For tests",
    "told",
    "for the walk",
    "For the walk",
    "ev-none",
    "rae",
    "password",
    "Season",
)
# Words that are the same in English and in a language, and why they stand on pages.
SAME = {
    "names of products and formats": "Closeread CSV Excel Word DOCX PDF YAML JSON HTML API URL Slack Teams OpenAI Anthropic "
    "Google Mistral OpenRouter Groq xAI DeepSeek Salesforce HubSpot Pipedrive Dynamics Zoho vLLM Ollama UTC",
    "languages by their own names": "English Deutsch Español",
    "statistics": "Kappa kappa Alpha AC1 AC2 AC",
}
SAME_IN = {
    "de": {
        "words that German took over": "Start Interview Interviews Coaching Plan Deal Deals Prompt Prompts Status Hash Name Filter "
        "Webhook Webhooks Pseudonym Drift Moment Analyst Version Definition Hindi Urdu Team Profile exakt Lead Audit Recall Endpoint F1",
    },
    "es": {
        "words that Spanish shares": "no total error final normal provisional variable social original general observable real "
        "Plan Hash Hindi Urdu Webhook Webhooks manual actual prompt prompts Prompt Prompts Audit lead Lead token Token Tokens Endpoint No Odds ratio ratios Total Observable Interviews",
    },
}


# What somebody sees of their own, beside the addresses of the walk.
OWN_PAGES = {
    "rep": ("/calls/call-1", "/calls/s-0-03", "/calls/s-0-14", "/profiles/Rae", "/coaching/Rae", "/nowhere"),
    "manager": (
        "/nowhere",
        "/calls/s-0-03",
        "/calls/s-0-14",
        "/profiles/Rae",
        "/coaching/Rae",
        "/calls?rep=Rae&criterion=asks_cost",
    ),
    "viewer": ("/nowhere", "/calls/s-0-03", "/calls/s-0-14", "/profiles/Rae", "/coaching/Rae"),
}


@pytest.fixture(name="walked", scope="module")
def _walked(tmp_path_factory):
    """Each page of the walk for each role in each language, and the words of the workspace that they were made from."""
    with made_site(tmp_path_factory.mktemp("told")) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"))
        found = {}
        addresses = {key: address_of(site, key) for key in PAGES}
        for role in ROLES:
            browser = site.ops_browser if role == "ops_lead" else site.browser(role)
            for key, address in (*addresses.items(), *((own, own) for own in OWN_PAGES.get(role, ()))):
                told = {}
                for code in ("", *OTHERS):
                    site.space.store[People].choose_language(site.people[role].id, code)
                    told[code] = page(browser, address)
                if all(told.values()):
                    found[role, key] = told
            site.space.store[People].choose_language(site.people[role].id, "")
        yield found, Words(site.space.store.engine, OWN)
        if hasattr(site.app.state, "later"):
            site.app.state.later.wait(120)


def address_of(site, key):
    """The address of the entry, with what it needs in the workspace."""
    values = values_of(site, key)
    query = TABLES[key].query
    return key[4:].format(**values) + (f"?{urlencode(query)}" if query else "")


def page(browser, address):
    """The page and its tables as files, when its figures have been worked out; nothing where it is no page."""
    while 'aria-busy="true" hx-get' in (answer := browser.get(address)).text:
        sleep(0.05)
    if "html" not in answer.headers.get("content-type", "") or (answer.status_code < 400 and DOCUMENTS.search(address)):
        return ""
    return answer.text + "".join(files_of(browser, address, answer.text))


def files_of(browser, address, text):
    """The cells of the tables that a page offers as files."""
    for link in re.findall(r'href="(\?[^"]*table=\d+\.xlsx)"', text):
        book = load_workbook(io.BytesIO(browser.get(urljoin(address, unescape(link))).content), read_only=True)
        yield from (f"<p>{escape(sheet.title)}</p>" for sheet in book)
        cells = [cell.value for sheet in book for row in sheet.iter_rows() for cell in row]
        yield from (f"<p>{escape(cell)}</p>" for cell in cells if isinstance(cell, str))


@pytest.mark.parametrize("code", OTHERS)
def test_the_stages_that_are_shipped_are_told(walked, code):
    """Their ids are data, so the walk itself takes them for words of the workspace."""
    told, ids = walked[0], {"discovery", "proposal", "meeting"}
    shown = {
        key: ids & set(texts(told["ops_lead", key][code])) for key in ("GET /calls", "GET /outcomes", "GET /rules")
    }
    assert not any(shown.values()), shown
    assert ids & set(texts(told["ops_lead", "GET /outcomes"][""]))
    assert "discovery" in set(texts(told["ops_lead", "GET /calls"][""]))


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("code", OTHERS)
def test_no_page_has_english_of_ours(walked, role, code):
    made, words = walked
    same = " ".join((*SAME.values(), *SAME_IN[code].values())).split()
    mine = {key: told for (whose, key), told in made.items() if whose == role}
    left = {
        (text, why): key
        for key, told in mine.items()
        for text, why in english_left(told[""], told[code], code, words, same).items()
    }
    assert len(mine) > 60
    assert not left, "\n".join(f"{key}: {text[:160]!r}: {why}" for (text, why), key in left.items())
