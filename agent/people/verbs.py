"""Managing accounts and tokens."""

from agent.app.verb import Who, verb
from agent.core.errors import Forbidden, InputError
from agent.core.language import LANGUAGES, _
from agent.core.people import ROLES, Person, Role
from agent.people.model import Invitation, NewToken, Token
from agent.people.store import Invitations, People, Tokens


@verb(
    "ops_lead",
    audit="person_added",
    subject=lambda person: person.id,
    facts=lambda person: {"name": person.name, "role": person.role, "rep": person.rep},
)
def add_person(who: Who, name: str, email: str, role: Role, rep: str = "") -> Person:
    """Make an account. It has no password yet: `invite` makes the link to set one."""
    return who.space.store[People].create(name, email, role, rep)


@verb("ops_lead", audit="invited", subject=lambda invitation: invitation.person.id)
def invite(who: Who, person: str) -> Invitation:
    """A link with which this person (an id) sets a password. It works once, for seven days; earlier links become
    invalid."""
    account = who.space.store[People].get(person)
    return Invitation(account, who.space.store[Invitations].create(account.id))


@verb("ops_lead", audit="role_changed", facts=lambda person: {"role": person.role, "rep": person.rep})
def change_role(who: Who, person: str, role: Role, rep: str = "") -> Person:
    """Give somebody another role, from their next request on. Conflict for the last ops lead."""
    return who.space.store[People].change(person, role, rep)


@verb("ops_lead", audit="person_disabled")
def disable_person(who: Who, person: str) -> Person:
    """Close an account: its sessions and tokens end at once. Conflict for the last ops lead."""
    return who.space.store[People].disable(person)


@verb("ops_lead", audit="person_enabled")
def enable_person(who: Who, person: str) -> Person:
    """Open a closed account again."""
    return who.space.store[People].disable(person, False)


@verb(
    *ROLES,
    audit="language_chosen",
    subject=lambda person: person.id,
    facts=lambda person: {"language": person.language},
)
def choose_language(who: Who, language: str, person: str = "") -> Person:
    """Set the language that a person (an id; by default the person asking) reads; empty for the workspace's. An ops
    lead may set it for anybody."""
    own = who.person.id if who.person else ""
    if language and language not in LANGUAGES:
        raise InputError(
            _(
                "{language} is no language of this program; there are {all}",
                language=repr(language),
                all=", ".join(LANGUAGES),
            )
        )
    if not (person or own):
        raise InputError(_("a token without a person has no language; send Accept-Language or name a person"))
    if person not in ("", own) and not who.scope.may_run:
        raise Forbidden(_("the language of somebody else is for ops leads"))
    return who.base.store[People].choose_language(person or own, language)


TOKEN_DAYS = 90
"""How long a token lasts if nothing else is said."""


@verb(
    "ops_lead",
    audit="token_made",
    subject=lambda token: token.id,
    facts=lambda token: {"role": token.role, "label": token.label},
)
def make_token(
    who: Who, role: Role, *, rep: str = "", label: str = "", days: int | None = TOKEN_DAYS, person: str = ""
) -> NewToken:
    """Make a token for a program; with `person` (an id) it rates under that name. `days` until it expires, None for
    never."""
    return who.space.store[Tokens].create(role, rep=rep, label=label, days=days, person=person, by=who.signature)


@verb("ops_lead", audit="token_revoked")
def revoke_token(who: Who, token: str) -> Token:
    """Revoke a token for good."""
    return who.space.store[Tokens].revoke(token)
