"""`tarazy screening token`: safe tokens from our own templates, and locks, on a node that signs for its accounts."""

from __future__ import annotations

import argparse
from dataclasses import asdict
from typing import Any

from rich.table import Table

from tarazy.chains.evm.locks import locks_of
from tarazy.chains.evm.node import Node
from tarazy.cli.arguments import positive
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output
from tarazy.cli.screening.screen import address
from tarazy.issuance.issue import create_time_lock, create_token, lock_tokens, withdraw
from tarazy.issuance.templates import TEMPLATES

SECONDS_PER_DAY = 86_400


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments of `token`."""
    doing = parser.add_mutually_exclusive_group(required=True)
    doing.add_argument("--templates", action="store_true", help="what can be created, and what each asks for")
    doing.add_argument("--create", choices=sorted(TEMPLATES), metavar="TEMPLATE", help="create a token")
    doing.add_argument("--create-lock", action="store_true", help="create a time lock; one serves any number of tokens")
    doing.add_argument("--lock", type=address, metavar="TOKEN", help="lock tokens of the sender")
    doing.add_argument("--locks", type=address, metavar="TOKEN", help="list the locks of a token")
    doing.add_argument("--withdraw", type=positive, metavar="N", help="withdraw what is due of a lock to its owner")
    parser.add_argument("--rpc", metavar="URL", help="node that signs for the sender: a development chain")
    parser.add_argument("--sender", type=address, metavar="A", help="account of the node (its first)")
    parser.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="a parameter of the template")
    parser.add_argument("--time-lock", type=address, metavar="A", help="our time lock on the chain")
    parser.add_argument("--amount", type=positive, metavar="N", help="how much to lock, in minor units")
    parser.add_argument("--days", type=positive, metavar="N", help="for how long")
    parser.add_argument("--owner", type=address, metavar="A", help="who may withdraw at the end (the sender)")
    parser.add_argument("--release", choices=("cliff", "linear"), default="cliff", help="all at the end, or day by day")


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    if arguments.templates:
        show_templates(output)
        return 0
    if arguments.rpc is None:
        raise CliError("expected --rpc URL of a node that signs, found none")
    with Node(arguments.rpc) as node:
        if arguments.locks is not None:
            show_locks(output, node, needed(arguments, "time_lock"), arguments.locks)
            return 0
        sender = arguments.sender or first_account(node)
        if arguments.create is not None:
            made = create_token(node, sender, arguments.create, given_values(arguments.set))
            told = {"address": made.address, "transaction": made.transaction, "template": arguments.create}
        elif arguments.create_lock:
            locker = create_time_lock(node, sender)
            told = {"time_lock": locker.address, "transaction": locker.transaction}
        elif arguments.lock is not None:
            told = lock(arguments, node, sender)
        else:
            receipt = withdraw(node, sender, needed(arguments, "time_lock"), arguments.withdraw)
            told = {"lock": str(arguments.withdraw), "transaction": receipt.transaction}
    for name, value in told.items():
        output.say(f"{name.replace('_', ' ')}: {value}")
    output.result(told)
    return 0


def lock(arguments: argparse.Namespace, node: Node, sender: str) -> dict[str, str]:
    """Lock tokens of the sender."""
    time_lock, amount, days = (needed(arguments, name) for name in ("time_lock", "amount", "days"))
    end_s = node.block("latest").timestamp_s + days * SECONDS_PER_DAY
    number = lock_tokens(
        node, sender, time_lock, arguments.lock, amount, end_s, owner=arguments.owner, release=arguments.release
    )
    return {"lock": str(number), "token": arguments.lock, "amount": str(amount), "end_s": str(end_s)}


def needed(arguments: argparse.Namespace, name: str) -> Any:
    """Return an argument that this act needs.

    Raises: CliError.
    """
    value = getattr(arguments, name)
    if value is None:
        raise CliError(f"expected --{name.replace('_', '-')} for this act, found none")
    return value


def given_values(given: list[str]) -> dict[str, str]:
    """Return the parameters of a template.

    Raises: CliError.
    """
    values: dict[str, str] = {}
    for text in given:
        name, sign, value = text.partition("=")
        if not sign or name in values:
            raise CliError(f"expected --set NAME=VALUE, each name once, found {text!r}")
        values[name] = value
    return values


def first_account(node: Node) -> str:
    """Return the first account for which the node signs.

    Raises: CliError.
    """
    found = node.call("eth_accounts")
    if not isinstance(found, list) or not found or not isinstance(found[0], str):
        raise CliError("expected a node that signs for its accounts, as a development chain does; give --sender")
    return found[0].lower()


def show_templates(output: Output) -> None:
    """List the templates with their parameters."""
    table = Table("template", "what it is", "parameters", box=None, padding=(0, 2, 0, 0))
    for each in TEMPLATES.values():
        table.add_row(each.name, each.says, "\n".join(f"{item.name}: {item.says}" for item in each.parameters))
    output.show(table)
    listed = [
        {"name": each.name, "says": each.says, "parameters": {item.name: item.says for item in each.parameters}}
        for each in TEMPLATES.values()
    ]
    output.result({"templates": listed})


def show_locks(output: Output, node: Node, time_lock: str, token: str) -> None:
    """List the locks of a token."""
    found = locks_of(node, time_lock, token)
    table = Table("lock", "owner", "holds", "start", "end", "release", box=None, padding=(0, 2, 0, 0))
    for each in found:
        table.add_row(each.id, each.owner, f"{each.remaining:,}", str(each.start_s), str(each.end_s), each.release)
    output.show(table)
    output.result({"locks": [{key: plain(value) for key, value in asdict(each).items()} for each in found]})


def plain(value: object) -> object:
    """Return a large number as text, so that no reader rounds it."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) and value > 2**53 else value
