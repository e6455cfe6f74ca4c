"""reconcile: 1,000,000 ledger accounts against 100,000 addresses and a bank statement of 100,000 entries.

The sides are written as files first, which is not counted; counted are reading both, matching every entry, comparing
every account, the client-money requirement by both methods over all ledger accounts, and the run kept in its file.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path

import common
from memory import peak_bytes

from tarazy.domain.records import CustodyLocation
from tarazy.facility.reconciliation.comparing import three_way
from tarazy.facility.reconciliation.inputs import read_side
from tarazy.facility.reconciliation.matching import DAY_NS, ItemState, MatchingTerms
from tarazy.facility.reconciliation.requirement import client_money
from tarazy.facility.reconciliation.store import ReconciliationStore

NOW_NS = 20_000 * DAY_NS
BTC, KZT = 1, 2
HOT, BANK = int(CustodyLocation.hot), int(CustodyLocation.bank)
EVERY = 1_000  # of so many entries one is missing on the other side


def write_side(path: Path, addresses: int, entries: int, is_outside: bool) -> None:
    """Write one side; the outside lacks some entries and has others that our book lacks."""
    at_ns = str(NOW_NS - DAY_NS)
    with path.open("w") as file:
        for number in range(addresses):
            line = {"line": "balance", "asset_id": BTC, "location": "hot", "account": f"bc1q{number:038d}"}
            file.write(json.dumps(line | {"amount_minor": str(number * 7 + 1), "at_ns": at_ns}) + "\n")
        balance = {"line": "balance", "asset_id": KZT, "location": "bank", "account": "KZ86125KZT5004100100"}
        total = sum(number % 997 + 1 for number in range(entries) if not (is_outside and number % EVERY == 0))
        extra = entries // EVERY if is_outside else 0
        file.write(json.dumps(balance | {"amount_minor": str(total + 5 * extra), "at_ns": at_ns}) + "\n")
        entry = {**balance, "line": "entry", "at_ns": at_ns}
        for number in range(entries):
            if not (is_outside and number % EVERY == 0):
                more = {"reference": f"D-{number:07d}", "amount_minor": str(number % 997 + 1), "text": "PAYMENT"}
                file.write(json.dumps(entry | more) + "\n")
        for number in range(extra):
            file.write(json.dumps(entry | {"reference": f"unknown {number}", "amount_minor": "5"}) + "\n")


def ledger_balances(accounts: int, total: int) -> Iterator[int]:
    """Iterate over what each ledger account is owed; together it is the total."""
    share = total // accounts
    yield total - share * (accounts - 1)
    for _ in range(accounts - 1):
        yield share


def reconcile(folder: Path, chosen: argparse.Namespace) -> dict[str, int]:
    """Make one run and return how many items are in each state."""
    book, outside = read_side(folder / "book.jsonl"), read_side(folder / "outside.jsonl")
    btc = sum(each.amount_minor for key, each in book.balances.items() if key.asset_id == BTC)
    kzt = sum(each.amount_minor for key, each in book.balances.items() if key.asset_id == KZT)
    found = three_way({(BTC, HOT): btc, (KZT, BANK): kzt}, book, outside, MatchingTerms(NOW_NS))
    half = chosen.accounts // 2
    owed = {BTC: ledger_balances(half, btc), KZT: ledger_balances(chosen.accounts - half, kzt)}
    money = client_money(owed, {BTC: [btc], KZT: [kzt]}, {BTC: btc, KZT: kzt})
    if found.breaks or any(each.shortfall_minor for each in money):
        raise SystemExit(f"expected no break and no shortfall, found {found.breaks} and {money}")
    with ReconciliationStore(folder / "runs.sqlite") as store:
        store.add(found, NOW_NS, 1, "bench", "00" * 32)
    return {state.value: sum(item.state is state for item in found.items) for state in ItemState}


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--accounts", type=int, default=1_000_000)
    made.add_argument("--addresses", type=int, default=100_000)
    made.add_argument("--entries", type=int, default=100_000)
    chosen = made.parse_args()
    with common.scratch() as folder:
        for name in ("book", "outside"):
            write_side(folder / f"{name}.jsonl", chosen.addresses, chosen.entries, name == "outside")
        started = time.perf_counter()
        states = reconcile(folder, chosen)
        seconds = round(time.perf_counter() - started, 3)
    facts = {"seconds": seconds, "rss_mib": round(peak_bytes() / 1024**2, 1), "accounts": chosen.accounts}
    facts |= {"addresses": chosen.addresses, "entries": chosen.entries, "items": states}  # type: ignore[dict-item]
    common.finish(chosen, "reconcile", seconds, "s", **facts)


if __name__ == "__main__":
    main()
