"""What the routes, verbs and commands of accounts and tokens do."""

from itertools import count

from agent.calls.store import Calls
from agent.people import verbs, verbs_names
from agent.people.names import Names
from agent.people.store import Invitations, People, Tokens
from tests.api.walk import EVERYBODY, OPS_LEAD, PUBLIC, Walk
from tests.app.acts import Act, Json
from tests.builders import call

_numbers = count()


def new_name():
    return f"spare {next(_numbers)}"


def somebody(site):
    """An account that nobody needs afterwards."""
    name = new_name()
    return site.space.store[People].create(name, f"{name.replace(' ', '-')}@example.com", "viewer").id


def of_somebody(site):
    return {"ident": somebody(site)}


def token(site):
    return site.space.store[Tokens].create("viewer", label="walk").id


def of_token(site):
    return {"ident": token(site)}


def of_invitation(site):
    return {"secret": site.space.store[Invitations].create(somebody(site))}


def named(site):
    """The name of a new account, for the command line."""
    return site.space.store[People].get(somebody(site)).name


NEW = {"name": "New Person", "email": "new@example.com", "role": "viewer"}
OTHER = {"name": "Other Person", "email": "other@example.com", "role": "viewer"}
PASSWORD = {"password": "four unrelated words"}


def spare_call(site):
    """A call of a rep of its own; the rep's name."""
    name = new_name().title()
    site.space.store[Calls].add(call(f"of {name}", name))
    return name


def renamed(site):
    """The number of a changed name."""
    name = spare_call(site)
    return {"number": str(site.space.store[Names].change("rep", name, f"{name} Two", "walk").number)}


def _new_name(path):
    return {"was": path["was"], "now": f"{path['was']} Three"}


WALK = {
    "GET /admin/names": Walk(OPS_LEAD),
    "POST /admin/names": Walk(OPS_LEAD, form={"was": "nobody here", "now": "Somebody"}, status=404),
    "POST /admin/names/{number}/undo": Walk(OPS_LEAD, path=renamed, form={}, status=303),
    "GET /api/v1/names": Walk(OPS_LEAD),
    "GET /api/v1/names/history": Walk(OPS_LEAD),
    "POST /api/v1/names": Walk(OPS_LEAD, json={"was": "nobody here", "now": "Somebody"}, status=404),
    "POST /api/v1/names/history/{number}/undo": Walk(OPS_LEAD, path=renamed),
    "GET /sign-in": Walk(PUBLIC),
    "POST /sign-in": Walk(PUBLIC, form={"name": "nobody", "password": "wrong wrong wrong"}, status=401),
    "POST /sign-in/go-on": Walk(EVERYBODY, form={}, status=303),
    "GET /welcome/{secret}": Walk(PUBLIC, path=of_invitation),
    "POST /welcome/{secret}": Walk(PUBLIC, path=of_invitation, form=PASSWORD, status=303),
    "GET /sso/start": Walk(PUBLIC, status=404),
    "GET /sso/callback": Walk(PUBLIC, status=404),
    "POST /sign-out": Walk(EVERYBODY, form={}, status=303),
    "POST /sign-out-everywhere": Walk(EVERYBODY, form={}, status=303),
    "GET /admin": Walk(OPS_LEAD, status=303),
    "GET /admin/people": Walk(OPS_LEAD),
    "POST /admin/people": Walk(OPS_LEAD, form=OTHER),
    "POST /admin/people/{ident}/invitation": Walk(OPS_LEAD, path=of_somebody, form={}),
    "POST /admin/people/{ident}/role": Walk(OPS_LEAD, path=of_somebody, form={"role": "manager"}, status=303),
    "POST /admin/people/{ident}/disable": Walk(OPS_LEAD, path=of_somebody, form={}, status=303),
    "POST /admin/people/{ident}/enable": Walk(OPS_LEAD, path=of_somebody, form={}, status=303),
    "GET /admin/tokens": Walk(OPS_LEAD),
    "POST /admin/tokens": Walk(OPS_LEAD, form={"role": "viewer", "label": "walk"}),
    "POST /admin/tokens/{ident}/revoke": Walk(OPS_LEAD, path=of_token, form={}, status=303),
    "GET /admin/audit": Walk(OPS_LEAD),
    "GET /admin/audit/check": Walk(OPS_LEAD),
    "GET /api/v1/me": Walk(EVERYBODY),
    "POST /api/v1/me/language": Walk(EVERYBODY, json={"language": "en"}),
    "GET /language": Walk(EVERYBODY),
    "POST /language": Walk(EVERYBODY, form={"language": "en"}, status=303),
    "GET /api/v1/people": Walk(OPS_LEAD),
    "POST /api/v1/people": Walk(OPS_LEAD, json=NEW, status=201),
    "GET /api/v1/people/{ident}": Walk(OPS_LEAD, path=of_somebody),
    "POST /api/v1/people/{ident}/role": Walk(OPS_LEAD, path=of_somebody, json={"role": "manager"}),
    "POST /api/v1/people/{ident}/disable": Walk(OPS_LEAD, path=of_somebody),
    "POST /api/v1/people/{ident}/enable": Walk(OPS_LEAD, path=of_somebody),
    "POST /api/v1/people/{ident}/invitation": Walk(OPS_LEAD, path=of_somebody, status=201),
    "GET /api/v1/tokens": Walk(OPS_LEAD),
    "POST /api/v1/tokens": Walk(OPS_LEAD, json={"role": "viewer"}, status=201),
    "DELETE /api/v1/tokens/{ident}": Walk(OPS_LEAD, path=of_token),
    "GET /api/v1/audit": Walk(OPS_LEAD),
    "GET /api/v1/audit/check": Walk(OPS_LEAD),
}

NO_VERB = {
    "POST /sign-in": "nobody is signed in yet; the log says who did",
    "POST /welcome/{secret}": "whoever has the link; the log says who set a password",
    "POST /sign-in/go-on": "shows a form again that its sender was signed out of",
    "POST /sign-out": "ends the own session",
    "POST /sign-out-everywhere": "ends the own sessions",
}

ACTS = [
    Act(
        verbs_names.change_name,
        lambda site: ["rep", spare_call(site), new_name()],
        walks={
            "POST /api/v1/names": Walk(
                OPS_LEAD, path=lambda site: {"was": spare_call(site)}, json=_new_name, status=201
            ),
            "POST /admin/names": Walk(
                OPS_LEAD, path=lambda site: {"was": spare_call(site)}, form=_new_name, status=303
            ),
        },
        command=lambda site: ["people", "rename", spare_call(site), new_name()],
    ),
    Act(
        verbs_names.undo_name,
        lambda site: [int(renamed(site)["number"])],
        routes=["POST /admin/names/{number}/undo", "POST /api/v1/names/history/{number}/undo"],
        command=lambda site: ["people", "rename-undo", renamed(site)["number"]],
    ),
    Act(
        verbs.add_person,
        lambda site: [name := new_name(), f"{name.replace(' ', '-')}@example.com", "manager"],
        walks={
            "POST /admin/people": Walk(OPS_LEAD, form={"name": "Ada", "email": "ada@example.com", "role": "viewer"}),
            "POST /api/v1/people": Walk(OPS_LEAD, json={"name": "Bea", "email": "bea@example.com", "role": "viewer"}),
        },
        command=lambda site: ["people", "add", "Cleo", "--email", "cleo@example.com", "--role", "viewer"],
        also={"POST /admin/people": ["invited"], "command": ["invited"]},  # both show the link at once
    ),
    Act(
        verbs.invite,
        lambda site: [somebody(site)],
        routes=["POST /admin/people/{ident}/invitation", "POST /api/v1/people/{ident}/invitation"],
        command=lambda site: ["people", "invite", named(site)],
    ),
    Act(
        verbs.change_role,
        lambda site: [somebody(site), "manager"],
        routes=["POST /admin/people/{ident}/role", "POST /api/v1/people/{ident}/role"],
    ),
    Act(
        verbs.disable_person,
        lambda site: [somebody(site)],
        routes=["POST /admin/people/{ident}/disable", "POST /api/v1/people/{ident}/disable"],
        command=lambda site: ["people", "disable", named(site)],
    ),
    Act(
        verbs.enable_person,
        lambda site: [somebody(site)],
        routes=["POST /admin/people/{ident}/enable", "POST /api/v1/people/{ident}/enable"],
    ),
    Act(
        verbs.choose_language,
        lambda site: ["en", somebody(site)],
        routes=["POST /language", "POST /api/v1/me/language"],
        command=lambda site: ["people", "language", named(site), "en"],
    ),
    Act(
        verbs.make_token,
        lambda site: ["viewer"],
        routes=["POST /admin/tokens", "POST /api/v1/tokens"],
        command=lambda site: ["token", "create", "--role", "viewer"],
    ),
    Act(
        verbs.revoke_token,
        lambda site: [token(site)],
        routes=["POST /admin/tokens/{ident}/revoke", "DELETE /api/v1/tokens/{ident}"],
        command=lambda site: ["token", "revoke", token(site)],
    ),
]

JSON = {
    "audit list": Json("GET /api/v1/audit"),
    "audit verify": Json("GET /api/v1/audit/check"),
    "people names": Json("GET /api/v1/names"),
    "people rename": Json("POST /api/v1/names", lambda site: [spare_call(site), new_name()]),
    "people rename-undo": Json("POST /api/v1/names/history/{number}/undo", lambda site: [renamed(site)["number"]]),
    "people rename-history": Json("GET /api/v1/names/history", lambda site: renamed(site) and []),
    "people list": Json("GET /api/v1/people"),
    "token list": Json("GET /api/v1/tokens", lambda site: token(site) and []),
    "token create": Json("POST /api/v1/tokens", lambda site: ["--role", "viewer"]),
}
