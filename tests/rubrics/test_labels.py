"""Under which label a rubric is stored that comes from a file."""

import pytest

from agent.rubrics import verbs

FILE = b"""{label}criteria:
  - {id: a, scale: binary, name: A, description: Asks what the problem costs the customer.}
"""


@pytest.mark.parametrize(
    ("own", "given", "stored"),
    [("", "", "spring"), ("of the file", "", "of the file"), ("of the file", "mine", "mine"), ("", " mine ", "mine")],
)
def test_a_label_that_is_given_wins_over_the_files_own(site, own, given, stored):
    content = FILE.replace(b"{label}", f"label: {own}\n".encode() if own else b"")
    assert verbs.import_rubric(site.who("ops_lead"), "spring.yaml", content, given).label == stored
