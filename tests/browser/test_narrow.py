"""Every page that a rep and a manager can open, on a phone of 360 px, in English and German: nothing reaches over the edge
but within what scrolls by itself, and nothing is cut off."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from agent.people.store import People
from agent.profiles.verbs import draw_baselines
from tests.api.conftest import made_site
from tests.api.season import fill_season
from tests.api.test_no_english import OWN_PAGES
from tests.browser.conftest import serving
from tests.browser.test_every_page import PAGES, TABLES, address_of, opened

pytestmark = pytest.mark.browser
# What stands over the edge of the window though nothing around it scrolls, and what is cut within its own box.
FAULTS = """() => {
    const wide = document.documentElement.clientWidth
    const words = (one) => `${one.tagName.toLowerCase()} “${(one.textContent || '').trim().slice(0, 50)}”`
    const scrolls = (one) => one && (/auto|scroll/.test(getComputedStyle(one).overflowX) || scrolls(one.parentElement))
    const found = document.documentElement.scrollWidth > wide ? [`scrolls to ${document.documentElement.scrollWidth}`] : []
    for (const one of document.querySelectorAll('body *')) {
        const box = one.getBoundingClientRect()
        if (!one.checkVisibility() || box.width < 2 || box.height < 2 || one.closest('.away, svg')) continue
        if (box.right > wide + 1 && !scrolls(one.parentElement)) found.push(`${words(one)} ends at ${Math.round(box.right)}`)
        const cuts = /hidden|clip/.test(getComputedStyle(one).overflowX)
        if (cuts && one.scrollWidth > one.clientWidth + 1) found.push(`${words(one)} is cut`)
    }
    return found.slice(0, 5)
}"""


@pytest.mark.parametrize(
    ("inside", "said"),
    [
        ('<div style="width: 500px">wide</div>', "ends at"),
        ('<div style="width: 90px; overflow: hidden; white-space: nowrap">longer than its own box</div>', "is cut"),
        ('<div style="width: 300px; overflow: auto"><div style="width: 500px">wide</div></div>', ""),
    ],
)
def test_what_is_too_wide_is_seen(browser, inside, said):
    page = browser.new_page(viewport={"width": 360, "height": 800})
    page.set_content(inside)
    faults = page.evaluate(FAULTS)
    page.close()
    assert any(said in one for one in faults) if said else faults == []


def test_nothing_is_cut_on_a_phone(browser, tmp_path):
    with made_site(tmp_path) as site:
        fill_season(site)
        draw_baselines(site.who("ops_lead"))
        with ThreadPoolExecutor(1) as made:  # the browser's driver has a loop of its own here
            everywhere = {key: made.submit(address_of, site, key).result() for key in PAGES}
        with serving(site) as live:
            seen, found = 0, {}
            for role in ("rep", "manager"):
                addresses = [there for key, there in everywhere.items() if role in (TABLES[key].roles or ())]
                page = opened(browser, live, role, dark=True)
                for code in ("", "de"):
                    site.space.store[People].choose_language(site.people[role].id, code)
                    for address in (*addresses, *OWN_PAGES[role]):
                        page.goto(address)
                        seen += 1
                        if faults := page.evaluate(FAULTS):
                            found[role, code or "en", address] = faults
                page.context.close()
    assert seen > 130
    assert not found, "\n".join(f"{where}: {faults}" for where, faults in found.items())
