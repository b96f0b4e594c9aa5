"""`closeread score run --background` and `closeread job`, as a user types them."""

import pytest

from agent.app.queue.job_work import JobWork
from agent.calls.store import Calls
from agent.db.store import Store
from agent.main import main
from agent.rubrics.store import Rubrics
from tests.builders import call, criterion, rubric
from tests.cli.conftest import Shell


@pytest.fixture
def closeread(tmp_path, capsys, monkeypatch):
    folder = tmp_path / "space"
    folder.mkdir()
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/stub-1")
    store = Store.open(f"sqlite:///{folder}/closeread.db")
    for number in range(3):
        store[Calls].add(call(f"call-{number}"))
    store[Rubrics].add(rubric(criterion()))
    store.close()
    return Shell(folder, capsys)


def started(closeread, *options):
    job = closeread("score", "run", "--background", "--json", *options).json
    assert closeread.code == 0
    return job


def test_a_background_run_returns_at_once_and_says_how_to_go_on(closeread):
    closeread("score", "run", "--background")
    assert (closeread.code, "3 calls wait" in closeread.out, "closeread job watch job-" in closeread.err) == (
        0,
        True,
        True,
    )
    assert "closeread worker" in closeread.err
    closeread("score", "run", "--background")
    assert (closeread.code, "nothing to do" in closeread.err) == (0, True)


def test_a_job_is_shown_with_what_it_does_and_how_far_it_is(closeread):
    job = started(closeread, "--priority", 7, "--calls", "call-0,call-1", "--budget", "2.5")
    assert (job["state"], job["priority"], job["calls"], job["params"]["budget_usd"]) == ("queued", 7, 2, 2.5)
    shown = closeread("job", "show", job["id"], "--json").json
    assert (shown["progress"]["waiting"], shown["dead_letters"], shown["spent_usd"]) == (2, [], 0.0)
    closeread("job", "show", job["id"])
    assert "score is queued; 0 done, 0 failed of 2" in closeread.out
    assert [one["id"] for one in closeread("job", "list", "--json").json["items"]] == [job["id"]]
    assert closeread("job", "list", "--state", "done", "--json").json["items"] == []
    assert "queued" in closeread("job", "list").out


def test_a_job_is_cancelled_resumed_and_has_nothing_to_retry(closeread):
    ident = started(closeread)["id"]
    assert "cancelled by" in closeread("job", "cancel", ident).out
    assert closeread("job", "cancel", ident).code == 8
    assert "is queued" in closeread("job", "resume", ident).out
    assert closeread("job", "resume", ident).code == 8
    assert "has given up on no call" in closeread("job", "retry", ident).out
    assert closeread("job", "show", "job-none").code == 3
    assert "is cancelled" in closeread("job", "cancel", ident).out
    assert "0 done" in closeread("job", "watch", ident).out


def test_dead_letters_are_shown_and_tried_again(closeread):
    ident = started(closeread)["id"]
    store = Store.open(f"sqlite:///{closeread.folder}/closeread.db")
    (chunk,) = store[JobWork].idle_chunks(ident, 10)
    store[JobWork].take(chunk, "t")
    store[JobWork].claim(chunk, "t", "t@w")
    store[JobWork].bury(ident, "call-1", "t@w", "the provider refused it")
    store.close()
    closeread("job", "show", ident)
    assert "the provider refused it" in closeread.out
    assert f"closeread job retry {ident}" in closeread.err
    assert "1 calls of" in closeread("job", "retry", ident).out


@pytest.mark.slow
def test_help_names_the_commands(capsys):
    with pytest.raises(SystemExit):
        main(["job", "--help"])
    said = capsys.readouterr().out
    assert all(name in said for name in ("list", "show", "watch", "cancel", "resume", "retry"))
