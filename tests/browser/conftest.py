"""Debian's chromium on a server that runs in a thread. Skipped where there is no chromium, failed where CI is set."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from tests.api.conftest import PASSWORD, Site, made_site

AXE = (Path(__file__).parent / "vendor" / "axe-4.14.1.min.js").read_text()

OpenPage = Callable[..., Any]


@pytest.fixture(name="browser", scope="session")
def _browser() -> Iterator[Any]:
    chromium = shutil.which("chromium")
    if chromium is None:
        missing = "there is no chromium here; apt-get install chromium"
        pytest.fail(missing) if os.environ.get("CI") else pytest.skip(missing)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as started:
        browser = started.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(name="site", scope="module")
def _site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    with made_site(tmp_path_factory.mktemp("browser")) as site:
        yield site


@pytest.fixture(name="live", scope="module")
def _live(site: Site) -> Iterator[str]:
    """The address of the site."""
    with serving(site) as address:
        yield address


@contextmanager
def serving(site: Site) -> Iterator[str]:
    """A server on the site, in a thread."""
    server = uvicorn.Server(uvicorn.Config(site.app, port=0, log_level="error", timeout_graceful_shutdown=2))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        thread.join(0.02)
    try:
        yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    finally:  # a test that failed must not keep the program from ending
        server.should_exit = True
        thread.join()


@pytest.fixture(name="open_page", scope="module")
def _open_page(browser: Any, live: str) -> Iterator[OpenPage]:
    """`open_page(role, path, width=1200, dark=False)`: a page in a browser of its own, signed in unless role is "".

    What the page says on the console (a refused script, a failed request) is in `page.said`.
    """
    contexts = []

    def open_page(role: str, path: str = "/", width: int = 1200, dark: bool = False) -> Any:
        context = browser.new_context(
            base_url=live,
            viewport={"width": width, "height": 800},
            color_scheme="dark" if dark else "light",
            bypass_csp=False,
        )
        contexts.append(context)
        page = context.new_page()
        page.said = []
        page.on("console", lambda message: page.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: page.said.append(str(error)))
        if role:
            sign_in(page, role)
        page.goto(path)
        return page

    yield open_page
    for context in contexts:
        context.close()


def sign_in(page: Any, name: str, password: str = PASSWORD) -> None:
    """Sign in as a person does."""
    page.goto("/sign-in")
    page.get_by_label("Name or e-mail").fill(name)
    page.get_by_label("Password").fill(password)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)


def serious(page: Any) -> list[str]:
    """What axe-core finds serious or critical. It is evaluated by the test, past the page's own policy."""
    page.evaluate(AXE)
    found = page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
    return [
        f"{violation['id']}: {violation['help']}: {node['html'][:200]}"
        for violation in found["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]


def overflows(page: Any) -> bool:
    """Whether the page is wider than the window."""
    return bool(page.evaluate("() => document.documentElement.scrollWidth > document.documentElement.clientWidth"))
