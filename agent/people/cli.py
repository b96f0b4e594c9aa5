"""`closeread people` and `closeread token`: accounts of people who sign in, and tokens for programs."""

from datetime import datetime
from typing import Annotated

import typer

from agent.app.cli.context import Json, me, print_json, say, table
from agent.app.verb import Who
from agent.core.errors import UsageError
from agent.core.figures import plural
from agent.core.language import LANGUAGES
from agent.core.people import ROLES, Role
from agent.core.wording import moment
from agent.people import verbs, verbs_names
from agent.people.links import address_at_terminal
from agent.people.names import Names
from agent.people.store import People, Tokens
from agent.people.verbs_names import unknown_rep
from agent.people.views import NewTokenView, PersonList, PersonView, TokenList, TokenView
from agent.people.views_names import NameChangeView, NameHistory, NameList, NameView

app = typer.Typer(no_args_is_help=True, help="Accounts of people who sign in.")
token_app = typer.Typer(no_args_is_help=True, help="Tokens for programs that use the API.")

Name = Annotated[str, typer.Argument(metavar="NAME", help="Name or e-mail address.")]
Url = Annotated[
    str, typer.Option("--url", help="Where people reach the server; default: address of auth.yaml, else this machine.")
]
RoleOption = Annotated[str, typer.Option("--role", help="One of ops_lead, manager, rep, viewer.")]
RepOption = Annotated[str, typer.Option("--rep", help="For the role rep: the rep's name as it stands in the calls.")]


Buyer = Annotated[bool, typer.Option("--buyer", help="A buyer or customer; default: a rep.")]


@app.command("names")
def names(ctx: typer.Context, buyer: Buyer = False, json: Json = False) -> None:
    """The names of reps (or buyers), where each stands, and whom it may be."""
    names = [NameView.of(one) for one in me(ctx).space.store[Names].known("buyer" if buyer else "rep")]
    if json:
        return print_json(NameList(items=names))
    rows = [
        [v.name, *(v.counts.get(what, "") for what in ("calls", "interviews", "deals", "cycles")), " or ".join(v.like)]
        for v in names
    ]
    figures = ["calls", "interviews", "deals", "cycles"]
    table("", ["name", *figures, "may be"], rows, right=figures)


@app.command("rename")
def rename(
    ctx: typer.Context,
    was: Annotated[str, typer.Argument(help="The name as it stands there.")],
    now: Annotated[str, typer.Argument(help="The name from now on; if somebody is called so, the two become one.")],
    buyer: Buyer = False,
    json: Json = False,
) -> None:
    """Call a rep (or buyer) by another name everywhere, also in later imports; two names become one so."""
    made = NameChangeView.of(verbs_names.change_name(me(ctx), "buyer" if buyer else "rep", was, now))
    if json:
        return print_json(made)
    counted = ", ".join(plural(count, what.removesuffix("s")) for what, count in made.counts.items())
    typer.echo(
        f"{made.was} and {made.now} are one: {counted}" if made.merged else f"{made.was} is {made.now}: {counted}"
    )
    say(f"to take this back: closeread people rename-undo {made.number}")


@app.command("rename-undo")
def rename_undo(ctx: typer.Context, number: int, json: Json = False) -> None:
    """Take a change of a name back (`people rename-history` has the numbers)."""
    made = NameChangeView.of(verbs_names.undo_name(me(ctx), number))
    if json:
        return print_json(made)
    typer.echo(f"{made.was}: the name is back wherever it stood")


@app.command("rename-history")
def rename_history(ctx: typer.Context, json: Json = False) -> None:
    """Which names were changed, by whom and when."""
    changes = [NameChangeView.of(one) for one in me(ctx).space.store[Names].history()]
    if json:
        return print_json(NameHistory(items=changes))
    rows = [[v.number, v.kind, v.was, v.now, v.by, moment(v.at), "yes" if v.undone else ""] for v in changes]
    table("", ["number", "kind", "was", "now", "by", "at", "taken back"], rows, ["number"])


@app.command()
def add(
    ctx: typer.Context,
    name: Annotated[str, typer.Argument(help="The name they rate under.")],
    email: Annotated[str, typer.Option("--email", help="E-mail address, to sign in with.")],
    role: RoleOption,
    rep: RepOption = "",
    url: Url = "",
) -> None:
    """Add somebody, and print the link with which they set a password."""
    who = me(ctx)
    person = verbs.add_person(who, name, email, _role(role), rep)
    if warning := unknown_rep(who, person.rep):
        say(warning)
    _print_link(who, person.id, url)


@app.command("list")
def list_people(ctx: typer.Context, json: Json = False) -> None:
    """List accounts, by name."""
    people = [PersonView.of(person) for person in me(ctx).space.store[People].all()]
    if json:
        return print_json(PersonList(items=people))
    rows = [(p.name, p.email, p.role + (f" {p.rep}" if p.rep else ""), "closed" if p.disabled else "") for p in people]
    table("", ("name", "email", "role", ""), rows)


@app.command()
def disable(ctx: typer.Context, name: Name) -> None:
    """Close an account: sessions and tokens end at once."""
    who = me(ctx)
    person = verbs.disable_person(who, who.space.store[People].named(name).id)
    say(f"the account of {person.name} is closed")


@app.command()
def invite(ctx: typer.Context, name: Name, url: Url = "") -> None:
    """Print a link with which somebody sets a password. It works once, for seven days."""
    who = me(ctx)
    _print_link(who, who.space.store[People].named(name).id, url)


@app.command("language")
def language(
    ctx: typer.Context,
    name: Name,
    language: Annotated[str, typer.Argument(help="de, en or es; an empty one for the workspace's.")],
) -> None:
    """The language in which somebody reads the pages."""
    who = me(ctx)
    person = verbs.choose_language(who, language, who.space.store[People].named(name).id)
    say(f"{person.name} reads in {LANGUAGES.get(person.language, 'the language of the workspace')}")


def _print_link(who: Who, ident: str, url: str) -> None:
    address = address_at_terminal(who.space.settings, url)
    typer.echo(f"{address}/welcome/{verbs.invite(who, ident).secret}")


def _role(name: str) -> Role:
    """The role of that name, however it is written."""
    wanted = name.strip().lower().replace("-", "_").replace(" ", "_")
    role = next((role for role in ROLES if role == wanted), None)
    if role is None:
        raise UsageError(f"there is no role {name!r}; there are {', '.join(ROLES)}")
    return role


@token_app.command()
def create(
    ctx: typer.Context,
    role: RoleOption,
    rep: RepOption = "",
    label: Annotated[str, typer.Option("--label", help="What it is for.")] = "",
    days: Annotated[int, typer.Option("--days", min=1, max=3650, help="Days it lasts.")] = verbs.TOKEN_DAYS,
    never: Annotated[bool, typer.Option("--never-ends", help="It lasts until it is revoked.")] = False,
    person: Annotated[str, typer.Option("--person", help="Name of the account under whose name it rates.")] = "",
    json: Json = False,
) -> None:
    """Make a token and print its secret, once."""
    who = me(ctx)
    ident = who.space.store[People].named(person).id if person else ""
    made = verbs.make_token(who, _role(role), rep=rep, label=label, days=None if never else days, person=ident)
    if json:
        return print_json(NewTokenView.of(made))
    typer.echo(made.secret)
    say("Keep it: it is not shown again. Send it as  Authorization: Bearer " + made.secret[:6] + "…")


@token_app.command("list")
def list_tokens(ctx: typer.Context, json: Json = False) -> None:
    """List tokens, newest first."""
    tokens = [TokenView.of(token) for token in me(ctx).space.store[Tokens].all()]
    if json:
        return print_json(TokenList(items=tokens))
    rows = [
        (
            t.id,
            t.role + (f" {t.rep}" if t.rep else ""),
            t.name,
            t.label,
            _day(t.expires),
            _day(t.last_used),
            _day(t.revoked),
        )
        for t in tokens
    ]
    table("", ("id", "role", "person", "label", "ends", "last used", "revoked"), rows)


@token_app.command()
def revoke(ctx: typer.Context, ident: Annotated[str, typer.Argument(metavar="ID", help="Id of the token.")]) -> None:
    """End a token for good."""
    token = verbs.revoke_token(me(ctx), ident)
    say(f"{token.label or token.id} no longer works")


def _day(moment: datetime | None) -> str:
    return "" if moment is None else f"{moment:%Y-%m-%d}"
