"""A server makes itself ready beside its first answers: in a process of its own, since it is done once for all."""

import subprocess
import sys

import pytest

SAY = """
import gc, sys
from agent.app.chores import chores
from agent.app.web.templates import environment
from agent.core.language import english
from agent.start.listeners import get_ready, make_ready
assert get_ready in chores("server")
make_ready()
there = environment(not english())  # as pages ask for it
have = {"scipy.special", "scipy.optimize"} <= set(sys.modules)
print(len(there.cache), len(there.list_templates(["html"])), have, gc.get_freeze_count() > 0)
"""


@pytest.mark.slow  # a process that reads every template
def test_templates_are_read_libraries_are_there_and_what_stays_is_no_garbage() -> None:
    ran = subprocess.run([sys.executable, "-c", SAY], capture_output=True, text=True, check=True)
    kept, there, scipy, frozen = ran.stdout.split()
    assert (kept, scipy, frozen) == (there, "True", "True")
