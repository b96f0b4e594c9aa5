"""Parts of the program that are installed on demand: how to get one that is missing, wherever this copy came from."""

from importlib.metadata import PackageNotFoundError, requires
from shlex import quote

from agent.core.errors import Advice

DISTRIBUTION = "closeread"


def install(extra: str) -> Advice:
    """How to install what an optional extra needs. It names the packages themselves: they are in an index even if
    this program is not."""
    try:
        needed = requires(DISTRIBUTION) or []
    except PackageNotFoundError:  # run from a folder, without being installed
        needed = []
    named = [
        quote(one.partition(";")[0].strip()) for one in needed if one.replace('"', "'").endswith(f"extra == '{extra}'")
    ]
    if not named:
        return Advice(text=f"install the extra {extra!r}")
    return Advice(text=f"type: python -m pip install {' '.join(named)}  (this is the extra {extra!r})")
