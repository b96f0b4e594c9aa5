"""Put recorded replies into a workspace's cache, so that recording more of a suite asks only for what is new.

python evals/seed_cache.py WORKSPACE FOLDER [FOLDER …]
"""

from __future__ import annotations

import argparse
from pathlib import Path

from agent.llm.recording import read_recordings
from agent.settings import Settings
from agent.workspace import Workspace


def main() -> None:
    """Say how many were added."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workspace", type=Path)
    parser.add_argument("folders", type=Path, nargs="+")
    given = parser.parse_args()
    cache = Workspace(Settings.read(given.workspace)).cache
    for path in sorted(path for folder in given.folders for path in folder.glob("*.jsonl")):
        print(f"{path}: {cache.seed(read_recordings(path))} added")
    cache.close()


if __name__ == "__main__":
    main()
