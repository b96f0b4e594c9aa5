"""Licences and advisories: what is refused, and that what is locked passes."""

import json
from email.message import Message
from importlib.util import module_from_spec, spec_from_file_location

import pytest

from tests.deploy.files import ROOT

_spec = spec_from_file_location("dependencies", ROOT / "deploy" / "dependencies.py")
dependencies = module_from_spec(_spec)
_spec.loader.exec_module(dependencies)


def about(**headers):
    made = Message()
    for name, value in headers.items():
        for one in value if isinstance(value, list) else [value]:
            made[name.replace("_", "-")] = one
    return made


def test_what_is_locked_may_be_used():
    assert list(dependencies.wrong_licences(dependencies.locked())) == []


@pytest.mark.parametrize(
    ("said", "fine"),
    [
        ("MIT", True),
        ("Apache-2.0 OR BSD-2-Clause", True),
        ("LGPL-3.0-only", True),
        ("GNU Lesser General Public License v3 (LGPLv3)", True),
        ("GPL-3.0-or-later", False),
        ("GPL-2.0-only OR MIT", True),
        ("GNU General Public License v3 (GPLv3)", False),
        ("GNU Affero General Public License v3", False),
        ("AGPL-3.0 and MIT", False),
        ("Proprietary", False),
        ("", False),
    ],
)
def test_what_may_be_used(monkeypatch, said, fine):
    monkeypatch.setattr(dependencies.metadata, "metadata", lambda name: about(License_Expression=said))
    assert (list(dependencies.wrong_licences({"x": "1"})) == []) is fine


def test_classifiers_count_before_a_whole_licence_in_a_field():
    classed = ["License :: OSI Approved :: MIT License", "Topic :: Office/Business"]
    assert dependencies.licence_of(about(License="Copyright …", Classifier=classed)) == "MIT License"


def advisory(**affected):
    return {
        "id": "OSV-1",
        "summary": "bad",
        "affected": [{"package": {"name": "Some_Lib", "ecosystem": "PyPI"}, **affected}],
    }


def ranged(*events):
    return advisory(ranges=[{"type": "ECOSYSTEM", "events": list(events)}])


@pytest.mark.parametrize(
    ("one", "fits"),
    [
        (advisory(versions=["1.2.3"]), True),
        (advisory(versions=["1.2"]), False),
        (ranged({"introduced": "0"}, {"fixed": "1.3"}), True),
        (ranged({"introduced": "0"}, {"fixed": "1.2.3"}), False),
        (ranged({"introduced": "1.0"}, {"fixed": "1.1"}, {"introduced": "1.2"}), True),
        (ranged({"introduced": "0"}, {"last_affected": "1.2.3"}), True),
        (ranged({"introduced": "1.10"}), False),
        (ranged({"introduced": "0"}) | {"affected": [{"package": {"name": "other"}, "versions": ["1.2.3"]}]}, False),
    ],
)
def test_which_advisories_fit(tmp_path, one, fits):
    for shape in (one, [one], {"results": [{"vulns": [one]}, {}]}):
        (tmp_path / "a.json").write_text(json.dumps(shape))
        read = dependencies.read_advisories(tmp_path / "a.json")
        assert bool(list(dependencies.fitting(read, {"some-lib": "1.2.3"}))) is fits
