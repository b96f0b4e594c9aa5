"""How the addresses of routes are filled for `web.py`: ids, queries, and which are files."""

from __future__ import annotations

import re

from evals.bench.filling import CRITERION
from evals.bench.one_of_each import Made

# Making a file is work of its own and nobody waits for a page.
FILES = re.compile(r"/(brief|record|guide|file|export)\b|/guide/|/file/")

# Routes whose last braces stand for one of a few words.
VALUES = {}
