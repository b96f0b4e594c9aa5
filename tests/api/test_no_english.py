"""Pages in another language hold no English of ours: each is compared with the same page in English (tests/app/english.py)."""

from __future__ import annotations

import re
from dataclasses import replace
from time import sleep

import pytest

from agent.people.store import People
from agent.profiles.verbs import draw_baselines
from deploy.catalogs import OTHERS
from tests.api.conftest import made_site
from tests.api.season import fill_season
from tests.api.test_walk import KEYS, TABLES, sent
from tests.app.english import Words, english_left

pytestmark = pytest.mark.slow

PAGES = [key for key in KEYS if key.startswith("GET /") and not key.startswith("GET /api/") and TABLES[key].roles]
# Documents of their own (tests/documents), and what a model is told, word by word.
DOCUMENTS = re.compile(
    r"^GET /prompts/diff$|/(brief|scorecard|guide/{form}|record|export)$|^GET /(report|team-report|summary)$"
)
# What the walk itself calls things: suites, kinds of jobs, reasons, what is searched.
OWN = ("small", "Twelve made calls", "For tests", "told", "for the walk", "For the walk", "rae", "password", "Season")
# Pages that still say a little in English, and what.
NOT_YET = {
    "GET /upload/{ident}": "what an importer says of a file that it has read, and notes beside it",
    "GET /evals/suites/{suite}": "that no model is bound",
    "GET /evals/suites/{suite}/estimate": "that no model is bound",
}
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


@pytest.fixture(name="pages", scope="module")
def _pages(tmp_path_factory):
    """Each page of the walk in each language, and the words of the workspace that they were made from."""
    with made_site(tmp_path_factory.mktemp("told")) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"))
        found = {}
        for key in PAGES:
            if DOCUMENTS.search(key):
                continue
            entry = TABLES[key]
            values = entry.path(site) if callable(entry.path) else entry.path
            told = {}
            for code in ("", *OTHERS):
                site.space.store[People].choose_language(site.people["ops_lead"].id, code)
                told[code] = page(site, key, replace(entry, path=values))
            if all(told.values()):
                found[key] = told
        site.space.store[People].choose_language(site.people["ops_lead"].id, "")
        yield found, Words(site.space.store.engine, OWN)
        if hasattr(site.app.state, "later"):
            site.app.state.later.wait(120)


def page(site, key, entry):
    """The page as the ops lead reads it, when its figures have been worked out; nothing where it is no page."""
    before, TABLES[key] = TABLES[key], entry
    try:
        while 'aria-busy="true" hx-get' in (answer := sent(site.ops_browser, site, key)).text:
            sleep(0.05)
    finally:
        TABLES[key] = before
    return answer.text if answer.status_code == 200 and "html" in answer.headers.get("content-type", "") else ""


@pytest.mark.parametrize("code", OTHERS)
def test_no_page_has_english_of_ours(pages, code):
    made, words = pages
    same = " ".join((*SAME.values(), *SAME_IN[code].values())).split()
    left = {
        (text, why): key
        for key, told in made.items()
        if key not in NOT_YET
        for text, why in english_left(told[""], told[code], code, words, same).items()
    }
    assert len(made) > 60
    assert not left, "\n".join(f"{key}: {text[:160]!r}: {why}" for (text, why), key in left.items())
