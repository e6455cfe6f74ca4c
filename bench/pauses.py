"""pauses: the longest single command while accounts, balances, evidence and open orders come in by the million.

Tables grow meanwhile; none may make one command wait. A program of the crate (core/benches/pauses.rs) times every
command of several plays and keeps the shortest time of each, so that the machine's neighbours do not count.
"""

from __future__ import annotations

import argparse
import json
import subprocess
from hashlib import sha256
from pathlib import Path
from typing import Any

import common
import numpy as np
import workload
from engine import CORE, environment

from tarazy.domain.records import (
    LAYOUT,
    RECORD_SIZE,
    AccountRole,
    ClientClass,
    CreditDeposit,
    CustodyLocation,
    OpenAccount,
    OrderType,
    PlaceOrder,
    PresentInstruction,
    SelfTradePrevention,
    Side,
    TimeInForce,
)

COVERED = 4_094
FIRST_ACCOUNT = 3
FIRST_INSTRUCTION = 1_000
PRICE, PRICES = 100_000, 1_000


def repeated(command: Any, count: int) -> np.ndarray:
    """Return one command many times, shape (count, 96)."""
    return np.tile(np.frombuffer(command.pack(), np.uint8), (count, 1))


def accounts(count: int) -> bytes:
    """Return the commands that open accounts and fund each: even ones in the quote, odd ones in the base."""
    numbers = np.arange(FIRST_ACCOUNT, FIRST_ACCOUNT + count, dtype=np.uint64)
    facts: dict[str, Any] = {"client_class": ClientClass.professional, "account_role": AccountRole.client}
    opened = repeated(OpenAccount(ts_ns=workload.START_NS, owner_id=1, leaf_salt=1, **facts), count)
    workload.view(opened, "OpenAccount", "owner_id")[:] = numbers
    funds: dict[str, Any] = {
        "amount_minor": 10**18,
        "evidence_hash": workload.document("pauses"),
        "ts_ns": workload.START_NS,
    }
    funded = repeated(CreditDeposit(location=CustodyLocation.bank, account_id=1, asset_id=1, **funds), count)
    sells = numbers % 2 == 1
    funded[sells] = repeated(CreditDeposit(location=CustodyLocation.cold, account_id=1, asset_id=2, **funds), 1)[0]
    workload.view(funded, "CreditDeposit", "account_id")[:] = numbers
    hash_at = next(offset for name, _, _, offset in LAYOUT["CreditDeposit"] if name == "evidence_hash")
    # Evidence is told apart by its hash: eight bytes of it count.
    funded[:, hash_at : hash_at + 8] = (numbers * np.uint64(0x9E3779B97F4A7C15)).view(np.uint8).reshape(-1, 8)
    return covered(np.stack([opened, funded], axis=1).reshape(-1, RECORD_SIZE))


def covered(commands: np.ndarray) -> bytes:
    """Return commands with an instruction before every chunk of them."""
    signers, parts = sha256(b"".join(workload.OFFICER_KEYS)).digest(), []
    for number, at in enumerate(range(0, len(commands), COVERED), FIRST_INSTRUCTION):
        chunk = commands[at : at + COVERED]
        terms = (1, 2, len(chunk), number, workload.START_NS + workload.DAY_NS, signers)
        parts += [PresentInstruction(workload.START_NS, *terms).pack(), chunk.tobytes()]
    return b"".join(parts)


def orders(count: int, account_count: int) -> bytes:
    """Return orders that all rest: buys below the reference, sells above it."""
    numbers = np.arange(count, dtype=np.uint64)
    kind: dict[str, Any] = {"order_type": OrderType.limit, "time_in_force": TimeInForce.gtc}
    terms: dict[str, Any] = {
        "market_id": 1,
        "quantity_lots": 1,
        "self_trade_prevention": SelfTradePrevention.expire_taker,
    }
    placed = repeated(PlaceOrder(ts_ns=workload.START_NS, **kind, **terms), count)
    owners = numbers % np.uint64(account_count) + np.uint64(FIRST_ACCOUNT)
    away = (numbers * np.uint64(2654435761) >> np.uint64(7)) % np.uint64(PRICES) + np.uint64(1)
    sells = owners % 2 == 1
    workload.view(placed, "PlaceOrder", "side")[:] = np.where(sells, int(Side.sell), int(Side.buy))
    workload.view(placed, "PlaceOrder", "account_id")[:] = owners
    workload.view(placed, "PlaceOrder", "client_order_id")[:] = numbers + np.uint64(1)
    workload.view(placed, "PlaceOrder", "price_ticks")[:] = np.where(sells, PRICE + away, PRICE - away)
    return placed.tobytes()


def measure(folder: Path, chosen: argparse.Namespace) -> list[dict[str, Any]]:
    """Return what the program of the crate says of each file."""
    parts = {
        "setup": workload.setup_commands(1, FIRST_ACCOUNT - 1),
        "accounts": accounts(chosen.accounts),
        "orders": orders(chosen.orders, chosen.accounts),
    }
    for name, commands in parts.items():
        (folder / name).write_bytes(commands)
    paths = [str(folder / name) for name in parts]
    line = ["cargo", "bench", "--quiet", "--locked", "--bench", "pauses", "--", str(chosen.runs), *paths]
    done = subprocess.run(line, cwd=CORE, env=environment(), text=True, capture_output=True, check=False)
    if done.returncode:
        raise SystemExit(f"expected core/benches/pauses.rs to run, found: {done.stderr.strip()}")
    return [json.loads(text) for text in done.stdout.splitlines()]


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.set_defaults(runs=3)
    made.add_argument("--accounts", type=int, default=1_000_000, help="accounts that are opened and funded")
    made.add_argument("--orders", type=int, default=2_000_000, help="orders that rest at the end")
    chosen = made.parse_args()
    with common.scratch() as folder:
        _, accounts_facts, orders_facts = measure(folder, chosen)
    longest = max(accounts_facts["longest_ns"][0], orders_facts["longest_ns"][0])
    common.finish(chosen, "pauses", longest / 1e6, "ms", accounts=accounts_facts, orders=orders_facts)


if __name__ == "__main__":
    main()
