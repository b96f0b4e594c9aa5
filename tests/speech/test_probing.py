"""The transcriber among the other roles: listed with its price, asked whether it hears, bound from the command line."""

from tests.speech.conftest import bind


def test_it_is_listed_with_the_price_of_a_minute(bound):
    row = next(one for one in bound("model", "list", "--json").json["items"] if one["role"] == "transcriber")
    assert (row["model"], row["usd_per_minute"]) == ("openai/whisper-1", 0.006)
    assert row["usd_per_million_input"] is None
    assert "0.0060" in bound("model", "list").out


def test_it_is_asked_with_two_seconds_of_sound(bound, ear):
    found = bound("model", "check", "transcriber", "--json").json["items"]
    assert [(one["role"], one["reachable"], one["problem"], one["priced"]) for one in found] == [
        ("transcriber", True, "", True)
    ]
    assert [one["seconds"] for one in ear.arrived] == [2.0]


def test_a_wrong_address_is_a_finding(closeread, ear):
    bind(closeread.folder, ear, more=", timeout_seconds: 2")
    path = closeread.folder / "config" / "models.yaml"
    path.write_text(path.read_text().replace(ear.address, "http://127.0.0.1:9"))
    assert closeread("model", "check", "transcriber").code != 0
    assert "not usable: transcriber" in closeread.err


def test_without_ffmpeg_the_check_says_so(bound, monkeypatch):
    monkeypatch.setattr("agent.speech.probing.shutil.which", lambda _: None)
    assert "ffmpeg is not installed" in bound("model", "check", "transcriber", "--json").json["items"][0]["problem"]
    bound("worker", "--until-idle")
    assert "recordings cannot be heard here: ffmpeg is not installed" in bound.err


def test_it_is_bound_like_the_others_and_no_model_that_reads_hears(closeread, monkeypatch):
    monkeypatch.setenv("CLOSEREAD_MODEL", "openai/gpt-4.1-mini")
    rows = {one["role"]: one["model"] for one in closeread("model", "list", "--json").json["items"]}
    assert (rows["rater"], rows["transcriber"]) == ("openai/gpt-4.1-mini", None)
    closeread("model", "bind", "--role", "transcriber=groq/whisper-large-v3")
    rows = {one["role"]: one["model"] for one in closeread("model", "list", "--json").json["items"]}
    assert rows["transcriber"] == "groq/whisper-large-v3"
