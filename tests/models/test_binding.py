"""Models are set up on the page: written as `closeread init` writes them, with a key that is sealed and never seen again."""

from __future__ import annotations

import json
import stat

import pytest
import yaml
from pydantic import SecretStr

from agent.app.verb import Who
from agent.core.errors import ConfigError, InputError
from agent.core.people import Scope
from agent.db.sealed_keys import FILE, kept_key, kept_keys
from agent.models.binding import ModelsIn, bind_models, forget_model_key
from agent.workspace import _endpoint
from tests.api.conftest import Site, csrf
from tests.api.conftest import _site as _made  # noqa: F401  a fixture

KEY = "sk-proj-verysecret-0123456789x3Fq"
MINI = "openai/gpt-4.1-mini"


def bound(site: Site) -> dict[str, object]:
    path = site.space.settings.workspace / "config" / "models.yaml"
    found: dict[str, object] = yaml.safe_load(path.read_text())
    return found


def form(page: object, **typed: str) -> dict[str, str]:
    return {"csrf": csrf(page, "/admin/models"), "provider": "openai"} | typed


def test_a_key_that_is_typed_is_used_and_stands_nowhere(site: Site) -> None:
    page = site.browser("ops_lead")
    answer = page.post("/admin/models", data=form(page, rater=MINI, key=KEY, budget="50"))
    assert answer.status_code in (200, 303), answer.text
    assert bound(site) == {"roles": {"rater": {"model": MINI}}, "monthly_budget_usd": 50.0}
    shown = page.get("/admin/models").text + site.program("ops_lead").get("/api/v1/models").text
    assert KEY not in shown
    assert "x3Fq" in shown
    workspace = site.space.settings.workspace
    assert all(KEY.encode() not in path.read_bytes() for path in workspace.rglob("*") if path.is_file())
    assert stat.S_IMODE((workspace / FILE).stat().st_mode) == 0o600
    rater = site.space.settings.binding("rater")
    assert rater is not None
    assert _endpoint(site.space.settings, rater).api_key == SecretStr(KEY)


def test_a_key_goes_to_its_endpoint_only(site: Site) -> None:
    who = site.who("ops_lead")
    bind_models(who, ModelsIn(models={"rater": MINI}, key=SecretStr(KEY)))
    bind_models(who, ModelsIn(models={"rater": MINI}, api_base="http://127.0.0.1:9/v1"))
    rater = site.space.settings.binding("rater")
    assert rater is not None
    assert _endpoint(site.space.settings, rater).api_key is None
    forget_model_key(who, "openai")
    assert kept_keys(site.space.settings.workspace) == {}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"models": {"rater": "gpt"}}, "provider/name"),
        ({"models": {"rater": MINI}, "key_env": KEY}, "never the key itself"),
        ({"models": {"rater": MINI}, "key_env": "CLOSEREAD_DATABASE_URL"}, "its own provider only"),
        ({"models": {"rater": MINI}, "key_env": "OPENAI_API_KEY", "api_base": "http://evil.example/v1"}, "no base URL"),
        ({"models": {"rater": MINI}, "api_base": "http://169.254.169.254/v1"}, "a base URL begins with"),
        ({"models": {"rater": MINI}, "api_base": "http://me:pass@example.com/v1"}, "a base URL begins with"),
    ],
)
def test_what_does_not_fit_is_refused_and_not_repeated(site: Site, given: dict[str, object], said: str) -> None:
    with pytest.raises(InputError, match=said) as refused:
        bind_models(site.who("ops_lead"), ModelsIn.model_validate(given))
    assert KEY not in str(refused.value)
    assert not (site.space.settings.workspace / "config" / "models.yaml").exists()


def test_at_the_command_line_any_variable_may_be_named_and_what_a_line_says_besides_stays(site: Site) -> None:
    config = site.space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    (config / "models.yaml").write_text(f"roles:\n  rater: {{model: {MINI}, timeout_seconds: 30}}\nconcurrency: 4\n")
    local = Who(site.space, Scope(local=True), as_name="Ola")
    bind_models(local, ModelsIn(models={"rater": MINI, "drafter": MINI}, key_env="TEAM_SECRET"))
    assert bound(site) == {
        "roles": {
            "rater": {"model": MINI, "timeout_seconds": 30, "api_key_env": "TEAM_SECRET"},
            "drafter": {"model": MINI, "api_key_env": "TEAM_SECRET"},
        },
        "concurrency": 4,
    }
    assert (config / "models.yaml.before").read_text().startswith("roles:")


def test_another_secret_key_is_said_and_not_a_fault(site: Site) -> None:
    workspace = site.space.settings.workspace
    bind_models(site.who("ops_lead"), ModelsIn(models={"rater": MINI}, key=SecretStr(KEY)))
    (workspace / "secret-key").write_text("x" * 64)
    with pytest.raises(ConfigError, match="the workspace's secret key is another one now"):
        kept_key(workspace, "openai")


def test_what_is_typed_stays_where_it_is_refused_but_for_the_key(site: Site) -> None:
    page = site.browser("ops_lead")
    answer = page.post("/admin/models", data=form(page, rater=MINI, drafter="nothing", key=KEY, budget="50"))
    assert answer.status_code == 422
    assert KEY not in answer.text
    assert f'value="{MINI}"' in answer.text
    assert 'name="budget" inputmode="decimal" value="50"' in answer.text


def test_the_audit_log_says_who_bound_what_and_nothing_of_the_key(site: Site) -> None:
    site.program("ops_lead").post("/api/v1/models", json={"models": {"rater": MINI}, "key": KEY})
    lines = site.program("ops_lead").get("/api/v1/audit?action=models_bound").json()
    assert json.dumps(lines).count(KEY) == 0
    assert lines["items"][0]["facts"] == {"models": {"rater": MINI}, "key": "kept"}
