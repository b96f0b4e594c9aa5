"""The language that models write in is one line of models.yaml, and nothing is said of it where it is not there."""

import pytest

from agent.core.errors import ConfigError, InputError
from agent.llm.prompts import LANGUAGE
from agent.models.binding import ModelsIn, bind_models
from agent.settings import Settings
from agent.workspace import Workspace
from tests.api.conftest import Site
from tests.api.conftest import _site as _made  # noqa: F401  a fixture

INPUTS = {"kind": "Criterion", "name": "Kosten", "description": "Der Verkäufer nennt eine Zahl."}


def afresh(site: Site) -> Workspace:
    return Workspace(site.space.settings)


def test_every_prompt_ends_with_the_language_and_no_other_word_changes(site: Site) -> None:
    plain = {name: site.space.prompt(name) for name in site.space.prompts.names() if name != LANGUAGE}
    assert not any(prompt.added for prompt in plain.values())
    bind_models(site.who("ops_lead"), ModelsIn(language="de"))
    told = {name: afresh(site).prompt(name) for name in plain}
    assert all("reads German" in prompt.added for prompt in told.values())
    assert {name: prompt.id for name, prompt in told.items()} == {name: prompt.id for name, prompt in plain.items()}
    before, after = (one["check_criterion"].render(INPUTS) for one in (plain, told))
    assert after[1:] == before[1:]
    assert after[0].content == f"{before[0].content}\n\n{told['check_criterion'].added}"


def test_english_is_told_only_where_it_is_asked_for(site: Site) -> None:
    bind_models(site.who("ops_lead"), ModelsIn(language="en"))
    assert "reads English" in afresh(site).prompt("rate_call").added
    bind_models(site.who("ops_lead"), ModelsIn(language=""))
    assert not afresh(site).prompt("rate_call").added


@pytest.mark.parametrize(
    ("new", "said"),
    [
        (ModelsIn(language="xx"), "no language that is known here"),
        (ModelsIn(), "there is nothing to be set"),
        (ModelsIn(language="de", key_env="OPENAI_API_KEY"), "belongs to a model"),
    ],
)
def test_what_cannot_be_set_is_refused(site: Site, new: ModelsIn, said: str) -> None:
    with pytest.raises(InputError, match=said):
        bind_models(site.who("ops_lead"), new)
    assert not (site.space.settings.workspace / "config" / "models.yaml").exists()


def test_a_misspelt_code_in_the_file_is_said_with_those_there_are(site: Site) -> None:
    config = site.space.settings.workspace / "config"
    config.mkdir(exist_ok=True)
    (config / "models.yaml").write_text("roles: {}\nlanguage: german\n")
    with pytest.raises(ConfigError, match=r"models.yaml:2: language: .*de \(German\)"):
        afresh(site).prompt("rate_call")


def test_it_is_chosen_on_the_page(site: Site) -> None:
    page = site.browser("ops_lead")
    token = page.get("/admin/models").text.partition('name="csrf" value="')[2].partition('"')[0]
    page.post("/admin/models", data={"csrf": token, "provider": "openai", "language": "ja"})
    assert site.space.settings.models().language == "ja"
    assert '<option value="ja" selected>' in page.get("/admin/models").text


def test_the_workspaces_language_holds_where_models_yaml_names_none(tmp_path) -> None:
    def written(**said: str) -> str:
        return Settings.read(
            tmp_path, {f"CLOSEREAD_{name.upper()}": value for name, value in said.items()}
        ).models_write

    assert (written(), written(language="de"), written(language="en")) == ("", "de", "")
    assert written(language="de", replay=str(tmp_path)) == ""
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "models.yaml").write_text("language: en\n")
    assert written(language="de") == "en"
