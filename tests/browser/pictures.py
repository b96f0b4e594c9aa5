"""Small copies of the pictures of pages, for docs/img. Take the pictures, look at each, then:

CLOSEREAD_PICTURES=/tmp/pictures .venv/bin/python -m pytest tests/browser/test_story.py -m browser
uv run --no-project --with pillow python tests/browser/pictures.py /tmp/pictures
"""

import sys
from pathlib import Path

from PIL import Image

TARGET = Path(__file__).resolve().parents[2] / "docs" / "img"
LARGEST = 120_000
# A picture of a page by its route, and its name in docs/img.
CHOSEN = {
    "start": "start",
    "upload": "upload",
    "upload-ident": "upload-check",
    "patterns": "patterns",
    "patterns-ident": "pattern",
    "rubric-base-edit-criterion": "criterion-editor",
    "rubric-ref-diff": "rubric-diff",
    "calibration-number": "round",
    "calibration-number-rate-while-blind": "rating",
    "calibration-number-sharpen": "sharpen",
    "calls": "calls",
    "calls-ident-with-quotes": "call",
    "disputes-ident": "dispute",
    "profiles": "profiles",
    "profiles-rep": "rep",
    "coaching-rep": "coaching",
    "coaching-rep-brief": "brief",
    "outcomes": "outcomes",
    "evals": "evals",
    "admin-models": "models",
}


def shrink(source: Path, target: Path) -> int:
    """A copy with as many colors as fit; its bytes."""
    picture = Image.open(source).convert("RGB")
    for colors in (64, 32, 16):
        picture.quantize(colors, dither=Image.Dither.NONE).save(target, optimize=True)
        if target.stat().st_size <= LARGEST:
            break
    return target.stat().st_size


if __name__ == "__main__":
    TARGET.mkdir(parents=True, exist_ok=True)
    for name, short in CHOSEN.items():
        print(f"{short}.png: {shrink(Path(sys.argv[1]) / f'{name}.png', TARGET / f'{short}.png'):,} bytes")
