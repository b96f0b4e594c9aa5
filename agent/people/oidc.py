"""Single sign-on with OpenID Connect through Authlib: authorization code, PKCE, state and nonce.

`auth.yaml` names the provider and says which of its groups have which role. Whoever signs in is found by issuer and
subject; the first time, by an e-mail address that the provider has verified.
"""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from authlib.integrations.starlette_client import OAuth, OAuthError, StarletteOAuth2App
from fastapi import Request, Response
from httpx2 import HTTPError
from joserfc.errors import JoseError

from agent.app.web.problems import HttpProblem
from agent.core.errors import Conflict, Forbidden, NotFound
from agent.core.people import Person, Role
from agent.db.audit import AuditLog
from agent.db.store import Store
from agent.people.store import People
from agent.settings import Oidc, Settings

_RANK: tuple[Role, ...] = ("ops_lead", "manager", "rep", "viewer")


def client(settings: Settings, oidc: Oidc) -> StarletteOAuth2App:
    """The client for the configured provider. ConfigError if its secret is not in the environment."""
    return cast(
        StarletteOAuth2App,
        OAuth().register(
            "sso",
            client_id=oidc.client_id,
            client_secret=settings.secret(oidc.client_secret_env, oidc.label).get_secret_value(),
            server_metadata_url=f"{oidc.issuer.rstrip('/')}/.well-known/openid-configuration",
            client_kwargs={"scope": oidc.scopes, "code_challenge_method": "S256"},
        ),
    )


async def start(request: Request, settings: Settings, oidc: Oidc) -> Response:
    """Send the browser to the provider."""
    # Without an address of our own the request's will do: the provider goes back to none that it was not told of.
    path = str(request.app.url_path_for("sso_callback"))
    callback = (
        settings.auth().address.rstrip("/") + path if settings.auth().address else str(request.url_for("sso_callback"))
    )
    try:
        redirect: Response = await client(settings, oidc).authorize_redirect(request, callback)
    except (HTTPError, OAuthError) as error:
        raise HttpProblem(503, "sso_unreachable", "the sign-in service cannot be reached; try again later") from error
    return redirect


async def claims(request: Request, settings: Settings, oidc: Oidc) -> Mapping[str, Any]:
    """What the provider says about the person who came back. 401 if it cannot be verified."""
    try:
        token = await client(settings, oidc).authorize_access_token(
            request, claims_options={"iss": {"essential": True, "value": oidc.issuer}, "sub": {"essential": True}}
        )
    except (OAuthError, JoseError, ValueError) as error:
        raise HttpProblem(401, "sso", "the sign-in did not hold; start again at the sign-in page") from error
    except HTTPError as error:
        raise HttpProblem(503, "sso_unreachable", "the sign-in service cannot be reached; try again later") from error
    told = token.get("userinfo")
    if not told:
        raise HttpProblem(401, "sso", "the sign-in service did not say who you are")
    return cast(Mapping[str, Any], told)


def person_of(store: Store, oidc: Oidc, told: Mapping[str, Any]) -> Person:
    """The account of the person the provider vouches for; it is made, linked or given another role as `auth.yaml` says.

    Forbidden if the person has no role or the account is closed.
    """
    subject = f"{oidc.issuer} {told['sub']}"
    role, rep = role_of(oidc, told)
    if role is None and oidc.roles:
        store[AuditLog].append("sign_in_refused", subject, person="single sign-on", why="in no group with a role")
        raise Forbidden("you are in no group that may sign in here; ask whoever runs the sign-in service")
    person = store[People].of_subject(subject) or _linked(store, subject, told)
    if person is None:
        person = _new_account(store, oidc, subject, told, role, rep)
    if role == "rep" and person.role == "rep" and person.rep:
        # Whose calls these are is settled at the first sign-in: people can often change their name at the provider.
        rep = person.rep
    if person.disabled:
        raise Forbidden("this account is closed")
    if role is not None and (person.role, person.rep) != (role, rep):
        person = store[People].change(person.id, role, rep)
        store[AuditLog].append("role_changed", person.id, person="single sign-on", role=role, rep=rep)
    return person


def role_of(oidc: Oidc, told: Mapping[str, Any]) -> tuple[Role | None, str]:
    """The highest role that the person's groups give, and the rep's name; None if no group is mapped and there is no
    default."""
    groups = told.get(oidc.role_claim, ())
    named = [groups] if isinstance(groups, str) else list(groups) if isinstance(groups, Iterable) else []
    given = {oidc.roles[name] for name in named if isinstance(name, str) and name in oidc.roles}
    role = next((role for role in _RANK if role in given), oidc.default_role)
    rep = str(told.get(oidc.rep_claim, "")) if role == "rep" else ""
    return role, rep


def _linked(store: Store, subject: str, told: Mapping[str, Any]) -> Person | None:
    """The account with the same e-mail address, now linked. An unverified address could be anybody's, so it links
    nothing."""
    email = told.get("email")
    if not isinstance(email, str) or told.get("email_verified") is not True:
        return None
    try:
        person = store[People].named(email)
    except NotFound:
        return None
    store[People].link_subject(person.id, subject)
    store[AuditLog].append("linked", person.id, person="single sign-on")
    return person


def _new_account(
    store: Store, oidc: Oidc, subject: str, told: Mapping[str, Any], role: Role | None, rep: str
) -> Person:
    if role is None or not oidc.create:
        raise Forbidden("you have no account here yet; ask an ops lead for one")
    email = str(told.get("email") or "")
    name = str(told.get("name") or told.get("preferred_username") or email.partition("@")[0])
    try:
        person = store[People].create(name, email, role, rep, subject=subject)
    except Conflict as error:
        # Taking over an account by its name alone would let the provider's users become each other.
        raise Forbidden("there is an account of that name or address that is not linked; ask an ops lead") from error
    store[AuditLog].append("person_added", person.id, person="single sign-on", role=role)
    return person
