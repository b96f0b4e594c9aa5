"""Sign-in, people, tokens, audit, health."""

from agent.people.store import Invitations, People
from agent.people.store_tokens import Tokens
from tests.api.walk import EVERYBODY, OPS_LEAD, PUBLIC, Walk


def _somebody(site):
    """An account that nobody needs afterwards."""
    name = f"spare {len(site.space.store[People].all())}"
    return {"ident": site.space.store[People].create(name, f"{name.replace(' ', '-')}@example.com", "viewer").id}


def _token(site):
    return {"ident": site.space.store[Tokens].create("viewer")[0].id}


def _invitation(site):
    return {"secret": site.space.store[Invitations].create(_somebody(site)["ident"])}


NEW = {"name": "New Person", "email": "new@example.com", "role": "viewer"}
PASSWORD = {"password": "four unrelated words"}

WALK = {
    "GET /healthz": Walk(PUBLIC),
    "GET /readyz": Walk(PUBLIC),
    "GET /sign-in": Walk(PUBLIC),
    "POST /sign-in": Walk(PUBLIC, form={"name": "nobody", "password": "wrong wrong wrong"}, status=401),
    "GET /welcome/{secret}": Walk(PUBLIC, path=_invitation),
    "POST /welcome/{secret}": Walk(PUBLIC, path=_invitation, form=PASSWORD, status=303),
    "GET /sso/start": Walk(PUBLIC, status=404),
    "GET /sso/callback": Walk(PUBLIC, status=404),
    "POST /sign-out": Walk(EVERYBODY, form={}, status=303),
    "POST /sign-out-everywhere": Walk(EVERYBODY, form={}, status=303),
    "GET /": Walk(EVERYBODY),
    "GET /admin": Walk(OPS_LEAD, status=303),
    "GET /admin/people": Walk(OPS_LEAD),
    "POST /admin/people": Walk(OPS_LEAD, form=NEW | {"name": "Other Person", "email": "other@example.com"}),
    "POST /admin/people/{ident}/invitation": Walk(OPS_LEAD, path=_somebody, form={}),
    "POST /admin/people/{ident}/role": Walk(OPS_LEAD, path=_somebody, form={"role": "manager"}, status=303),
    "POST /admin/people/{ident}/disable": Walk(OPS_LEAD, path=_somebody, form={}, status=303),
    "POST /admin/people/{ident}/enable": Walk(OPS_LEAD, path=_somebody, form={}, status=303),
    "GET /admin/tokens": Walk(OPS_LEAD),
    "POST /admin/tokens": Walk(OPS_LEAD, form={"role": "viewer", "label": "walk"}),
    "POST /admin/tokens/{ident}/revoke": Walk(OPS_LEAD, path=_token, form={}, status=303),
    "GET /admin/audit": Walk(OPS_LEAD),
    "GET /api/v1/me": Walk(EVERYBODY),
    "GET /api/v1/people": Walk(OPS_LEAD),
    "POST /api/v1/people": Walk(OPS_LEAD, json=NEW, status=201),
    "GET /api/v1/people/{ident}": Walk(OPS_LEAD, path=_somebody),
    "POST /api/v1/people/{ident}/role": Walk(OPS_LEAD, path=_somebody, json={"role": "manager"}),
    "POST /api/v1/people/{ident}/disable": Walk(OPS_LEAD, path=_somebody),
    "POST /api/v1/people/{ident}/enable": Walk(OPS_LEAD, path=_somebody),
    "POST /api/v1/people/{ident}/invitation": Walk(OPS_LEAD, path=_somebody, status=201),
    "GET /api/v1/tokens": Walk(OPS_LEAD),
    "POST /api/v1/tokens": Walk(OPS_LEAD, json={"role": "viewer"}, status=201),
    "DELETE /api/v1/tokens/{ident}": Walk(OPS_LEAD, path=_token),
    "GET /api/v1/audit": Walk(OPS_LEAD),
}
