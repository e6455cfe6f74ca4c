"""`tarazy facility user new|invite|list|lock|unlock`: people who log in to the pages.

A person chooses its own password: `new` and `invite` show an invitation once, which is handed over to the person.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.table import Table

from tarazy.cli.arguments import add_json, positive
from tarazy.cli.config.arguments import add_facility, configuration, facility_folder
from tarazy.cli.errors import CliError
from tarazy.cli.facility.key import moment
from tarazy.cli.output import Output
from tarazy.facility.accounts.api_keys import api_keys_folder
from tarazy.facility.accounts.logins.errors import UserError
from tarazy.facility.accounts.logins.users import CLIENT, ROLES, UserStore, WebUser
from tarazy.journal.identity import load_identity
from tarazy.journal.keys import keys_folder

BY = "operator"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    acts = parser.add_subparsers(dest="user_act", required=True, metavar="ACT")
    new = acts.add_parser("new", help="make a user and an invitation")
    invite = acts.add_parser("invite", help="make a new invitation: the person chooses a new password with it")
    listed = acts.add_parser("list", help="list the users")
    lock = acts.add_parser("lock", help="let a user log in no longer; its sessions end at once")
    unlock = acts.add_parser("unlock", help="let a locked user log in again")
    for act in (new, invite, listed, lock, unlock):
        add_facility(act)
        add_json(act)
    for act in (new, invite, lock, unlock):
        act.add_argument("--name", required=True, metavar="NAME", help="name to log in with")
    new.add_argument("--account", action="append", type=positive, metavar="N", help="number of an account of the user")
    new.add_argument("--role", action="append", choices=ROLES, help="what the user is (client)")
    lock.add_argument("--reason", default="", metavar="TEXT", help="why")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    config = configuration(arguments)
    directory = facility_folder(arguments, config)
    load_identity(directory)
    days, act = config.facility.logins.invitation_days, arguments.user_act
    with opened(directory) as store:
        if act == "list":
            show(output, store)
        elif act == "new":
            roles = arguments.role or (CLIENT,)
            user, invitation = store.create(arguments.name, arguments.account or (), roles, days, BY)
            say_invited(output, user, invitation, days)
        elif act == "invite":
            found = store.named(arguments.name)
            if found is None:
                raise CliError(f"expected the name of a user, found {arguments.name[:64]!r}")
            say_invited(output, found, store.invite(found, days, BY), days)
        else:
            user = (
                store.lock(arguments.name, arguments.reason, BY) if act == "lock" else store.unlock(arguments.name, BY)
            )
            output.say(f"{user.name}: {'locked' if user.locked_s is not None else 'may log in'}")
            output.result(plain(user))
    return 0


@contextmanager
def opened(directory: Path) -> Iterator[UserStore]:
    """Open the users of a facility. Raises: CliError for what cannot be done with them."""
    store = UserStore(api_keys_folder(keys_folder(directory)))
    try:
        yield store
    except UserError as error:
        raise CliError(str(error)) from None
    finally:
        store.close()


def say_invited(output: Output, user: WebUser, invitation: str, days: int) -> None:
    """Show an invitation this once."""
    output.say(f"user        {user.name}\naccounts    {', '.join(map(str, user.accounts)) or 'none'}")
    output.say(f"invitation  {invitation}   (shown this once; {days} days, at /trade/invitation)")
    output.result({**plain(user), "invitation": invitation})


def show(output: Output, store: UserStore) -> None:
    """List all users."""
    table = Table("user", "accounts", "roles", "second factor", "state", box=None, padding=(0, 2, 0, 0))
    users = store.all()
    for user in users:
        numbers, roles = ", ".join(map(str, user.accounts)), ", ".join(sorted(user.roles))
        table.add_row(user.name, numbers, roles, "yes" if user.has_second_factor else "no", state(user))
    output.show(table)
    output.result({"users": [plain(user) for user in users]})


def plain(user: WebUser) -> dict[str, object]:
    """Return a user for programs."""
    return {
        "user": user.name,
        "accounts": list(user.accounts),
        "roles": sorted(user.roles),
        "second_factor": user.has_second_factor,
        "passkeys": user.passkeys,
        "state": state(user),
        "created_at": moment(user.created_s),
        "locked_at": moment(user.locked_s),
        "recovery_asked_at": moment(user.recovery_s),
    }


def state(user: WebUser) -> str:
    """Return where a user stands."""
    if user.locked_s is not None:
        return "locked"
    if user.password is None:
        return "invited"
    return "recovers" if user.recovery_s is not None else "active"
