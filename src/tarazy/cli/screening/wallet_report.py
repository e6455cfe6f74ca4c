"""A wallet, a transaction and a revocation as the terminal shows them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table

from tarazy.cli.output import Output
from tarazy.screening.holder.model import TokenOfWallet
from tarazy.screening.holder.wording import amount_words

Plain = Mapping[str, Any]
STYLES = {"high": "bold red", "medium": "yellow", "low": ""}


def show_wallet(output: Output, view: Plain) -> None:
    """Print approvals and tokens, the most dangerous first, and what was not looked at."""
    output.say(f"wallet {view['wallet']} on chain {view['chain_id']} at block {view['block_number']:,}")
    if not view["approvals"]:
        output.say("No approval stands, as far as was looked.")
    for each in view["approvals"]:
        output.say("")
        output.say(f"{each['level']}: {each['permits']}", STYLES[each["level"]])
        output.say(f"  token {each['token']}  spender {each['spender']}  verdict {each['spender_verdict']['word']}")
        for why in each["why"]:
            output.say(f"  - {why}")
        output.say(f"  to end it, send to {each['revocation']['to']}:")
        output.say(f"  {each['revocation']['data']}")
    if view["tokens"]:
        output.say("")
        output.show(tokens_table(view["tokens"]))
    for reason in view["not_looked_at"]:
        output.say(f"not looked at: {reason}")
    if view["without_verdict"]:
        output.say(f"{view['without_verdict']:,} contracts have no verdict; unknown is never safe.")


def tokens_table(tokens: Sequence[Plain]) -> Table:
    """Return the tokens as a table."""
    table = Table("verdict", "holds", "address", box=None)
    for each in tokens:
        balance = None if each["balance"] is None else int(each["balance"])
        token = TokenOfWallet(each["address"], each["standard"], each["name"], each["symbol"], each["decimals"])
        table.add_row(each["verdict"]["word"], amount_words(token, balance), each["address"])
    return table


def show_signing(output: Output, view: Plain) -> None:
    """Print what signing would do."""
    output.say(view["advice"], STYLES[view["level"]])
    for change in view["changes"]:
        output.say(f"  {change}")
    show_risks(output, view["risks"])


def show_revocation(output: Output, view: Plain) -> None:
    """Print the transaction that ends an approval, and what it does as it was played."""
    if view["nothing_stands"]:
        output.say("Nothing is approved: there is nothing to revoke.")
    output.say(view["words"])
    output.say(view["effect_words"], STYLES[view["level"]])
    output.say(f"send to {view['to']}:")
    output.say(view["data"])
    show_risks(output, view["risks"])


def show_risks(output: Output, risks: Sequence[Plain]) -> None:
    """Print risks, the gravest first."""
    for risk in risks:
        output.say(f"  {risk['severity']}: {risk['text']}", STYLES[risk["severity"]])
