"""`tarazy custody ACT DIR`: wallets, addresses, keys, deposits and withdrawals beside a facility's record."""

from __future__ import annotations

import argparse

from tarazy.cli.acts import add_acts, run_act
from tarazy.cli.output import Output

ACTS = {
    "asset": ("custody.asset", "say on which chain an asset lives, and how deep an arrival must be"),
    "wallet": ("custody.wallet", "open a wallet of one estate"),
    "address": ("custody.address", "take an address into the inventory, for a client or for a wallet's own use"),
    "addresses": ("custody.addresses", "list the inventory with its proofs of control, or record a proof"),
    "keys": ("custody.keys", "the register of wallet keys: register, hand over, leave, decide, audit, list"),
    "screen": ("custody.screen", "put a list of addresses in the place of the one of the same source"),
    "provider": ("custody.provider", "note what looking at another provider found"),
    "travel": ("custody.travel", "travel data of transfers: take in, write out, note answers, list"),
    "travel-send": ("custody.travel_send", "send travel data to other providers, signed, and take their answers"),
    "travel-serve": ("custody.travel_serve", "take travel data of other providers over HTTPS, and answer them"),
    "destination": ("custody.destination", "name a client's destination, or take in its proof of ownership"),
    "withdraw": ("custody.withdraw", "take a client's request in"),
    "return": ("custody.send_back", "send back what nobody claimed, after two officers journaled it"),
    "deposits": ("custody.deposits", "list what arrived and what became of it"),
    "withdrawals": ("custody.withdrawals", "list withdrawals and what they wait for"),
    "status": ("custody.status", "wallets, shares hot and cold, and what is due"),
    "pages": ("custody.pages", "serve wallets, transfers and keys as pages on this machine"),
    "cold-make": ("custody.cold_make", "write a move from a wallet whose keys have no network to a file"),
    "cold-sign": ("custody.cold_sign", "sign such a file where the keys are"),
    "cold-join": ("custody.cold_join", "bring signed files back"),
    "run": ("custody.run", "watch, journal, sign and send as the record's writer, once or until stopped"),
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the acts and their arguments."""
    add_acts(parser, ACTS)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Do one act."""
    return run_act(arguments, output, ACTS)
