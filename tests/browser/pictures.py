"""The pictures of docs/img: pages of the shipped sample with the shipped settings, as an ops lead sees them.

.venv/bin/uv run --frozen --with pillow python -m tests.browser.pictures

Look at each before it is committed. An argument is a folder in which the pictures are kept as they were taken, on a
desk and on a phone.
"""

import asyncio
import shutil
import sys
import tempfile
from pathlib import Path
from typing import Any

from PIL import Image
from playwright.sync_api import sync_playwright

from agent.calibration.verbs import open_round
from agent.disputes.verbs import open_dispute
from agent.ratings.store import Ratings
from tests.api.conftest import Site
from tests.browser.conftest import serving, sign_in
from tests.builders import ROOT
from tests.documents.crawl import demo_site

TARGET = ROOT / "docs" / "img"
LARGEST = 120_000
SIZES = {"desk": (1280, 900), "phone": (360, 740)}


def addresses(site: Site) -> dict[str, tuple[str, str]]:
    """Name of each picture, the role that sees the page, and its address."""
    lead, rep = site.who("ops_lead"), site.who("rep")
    blind = asyncio.run(open_round(lead, "", ["manager", "ops_lead"], pick=8))
    mine = (
        rep.space.seen_by(rep.scope)
        .store[Ratings]
        .current(sorted({"dev-call-05", "dev-call-06"} - set(blind.calls))[:1])
    )
    disputed = open_dispute(rep, mine[0].id, "I ask what the delay costs, and they answer it.")
    rubrics = site.program("ops_lead").get("/api/v1/rubrics").json()["items"]
    first, draft = (next(one["id"] for one in rubrics if one["label"] == label) for label in ("draft", "draft-2"))
    return {
        "start": ("ops_lead", "/"),
        "upload": ("ops_lead", "/upload"),
        "patterns": ("ops_lead", "/patterns"),
        "pattern": ("ops_lead", "/patterns/asked_what_the_problem_leads_to"),
        "criterion-editor": ("ops_lead", f"/rubric/{draft}/edit/asked_problem_consequence"),
        "rubric-diff": ("ops_lead", f"/rubric/{draft}/diff?against={first}"),
        "round": ("ops_lead", "/calibration/3"),
        "rating": ("manager", f"/calibration/{blind.number}/rate"),
        "sharpen": ("ops_lead", "/calibration/3/sharpen"),
        "calls": ("ops_lead", "/calls"),
        "call": ("ops_lead", "/calls/dev-call-24"),
        "dispute": ("manager", f"/disputes/{disputed.dispute.id}"),
        "profiles": ("ops_lead", "/profiles"),
        "rep": ("ops_lead", "/profiles/Fatima%20Rahmani"),
        "coaching": ("manager", "/coaching/Marcus%20Lee"),
        "brief": ("manager", "/coaching/Marcus%20Lee/brief"),
        "outcomes": ("ops_lead", "/outcomes"),
        "evals": ("ops_lead", "/evals"),
        "models": ("ops_lead", "/admin/models"),
        "week": ("ops_lead", "/week"),
    }


def take(there: dict[str, tuple[str, str]], browser: Any, live: str, folder: Path) -> None:
    """Every picture in every size."""
    for size, (width, height) in SIZES.items():
        seen = {}
        for name, (role, path) in there.items():
            if role not in seen:
                context = browser.new_context(
                    base_url=live, viewport={"width": width, "height": height}, locale="en-GB"
                )
                seen[role] = context.new_page()
                sign_in(seen[role], role)
            answer = seen[role].goto(path)
            if answer.status != 200:
                raise SystemExit(f"{path} answers {answer.status}")
            seen[role].screenshot(path=folder / f"{name}-{size}.png")
        for page in seen.values():
            page.context.close()


def shrink(source: Path, target: Path) -> int:
    """A copy with as many colors as fit; its bytes."""
    picture = Image.open(source).convert("RGB")
    for colors in (64, 32, 16):
        picture.quantize(colors, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= LARGEST:
            break
    return target.stat().st_size


def main(kept: Path | None) -> None:
    """Take them, make them small, and lay them into docs/img."""
    with tempfile.TemporaryDirectory() as made:
        folder = kept or Path(made)
        folder.mkdir(parents=True, exist_ok=True)
        with demo_site(Path(made) / "demo") as site, serving(site) as live:
            there = addresses(site)  # before the browser's driver, whose event loop keeps verbs from theirs
            with sync_playwright() as started:
                browser = started.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
                take(there, browser, live, folder)
                browser.close()
        for source in sorted(folder.glob("*-desk.png")):
            name = source.name.removesuffix("-desk.png")
            print(f"{name}.png: {shrink(source, TARGET / f'{name}.png'):,} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else None)
