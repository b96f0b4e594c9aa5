"""The language in which a person reads: chosen on a page of its own, or over the API."""

from typing import Annotated

from fastapi import Form, Request
from fastapi.responses import HTMLResponse, Response
from pydantic import BaseModel, ConfigDict, Field

from agent.app.web.auth import Anybody
from agent.app.web.routes import api_router, page_router
from agent.app.web.templates import done, render
from agent.core.language import LANGUAGES, _, speak
from agent.people import verbs
from agent.people.views import MeView

api, pages = api_router("me"), page_router()

# What of the program is told in each, said in it beside its name.
_TOLD = {
    "en": "",
    "de": "Die Seiten, ihre Hilfe und die Dokumente; Befehle, Datendateien und die API auf Englisch. "
    "Was Menschen und Modelle schreiben, bleibt, wie sie es schrieben.",
    "es": "Las páginas, su ayuda y los documentos; los comandos, los archivos de datos y la API, en inglés. "
    "Lo que escriben personas y modelos queda como está.",
}


class LanguageIn(BaseModel):
    """The language to read in."""

    language: Annotated[str, Field(max_length=10, description="`de`, `en`, `es`; empty for the workspace's.")]

    model_config = ConfigDict(json_schema_extra={"examples": [{"language": "de"}]})


@api.post("/me/language")
def choose_language(who: Anybody, new: LanguageIn) -> MeView:
    """The language in which you read the pages. The API itself answers in English."""
    return MeView.of(who, verbs.choose_language(who, new.language))


@pages.get("/language")
def language_page(request: Request, who: Anybody) -> HTMLResponse:
    """All languages, with what of the program is told in each."""
    chosen = who.person.language if who.person else ""
    values = {"languages": [(code, name, _TOLD[code]) for code, name in LANGUAGES.items()], "chosen": chosen}
    return render(request, "people/language.html", who, values)


@pages.post("/language")
def choose_on_page(request: Request, who: Anybody, language: Annotated[str, Form(max_length=10)] = "") -> Response:
    """Read in another language from now on."""
    person = verbs.choose_language(who, language)
    speak(person.language or who.space.settings.said.language)
    return done(
        request,
        "/",
        _("Pages are in {language} from now on.", language=LANGUAGES[person.language]) if person.language else "",
    )
