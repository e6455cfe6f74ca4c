"""reconcile: 1,000,000 ledger accounts against 100,000 addresses and a camt.053 of 100,000 entries.

The sides are written as files first, which is not counted; counted are reading both, matching every entry, comparing
every account, the client-money requirement by both methods over all ledger accounts, and the run kept in its file.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TextIO

import common
from memory import peak_bytes

from tarazy.domain.records import CustodyLocation
from tarazy.facility.reconciliation.bank_side import add_statements
from tarazy.facility.reconciliation.comparing import three_way
from tarazy.facility.reconciliation.inputs import read_side
from tarazy.facility.reconciliation.matching import DAY_NS, ItemState, MatchingTerms
from tarazy.facility.reconciliation.requirement import client_money
from tarazy.facility.reconciliation.run_signatures import RunSignature
from tarazy.facility.reconciliation.store import ReconciliationStore

NOW_NS = 20_000 * DAY_NS
DAY = "2024-10-02"
AT_NS = str(NOW_NS - DAY_NS)
ACCOUNT = "KZ86125KZT5004100100"
BTC, KZT = 1, 2
HOT, BANK = int(CustodyLocation.hot), int(CustodyLocation.bank)
EVERY = 1_000  # of so many entries one is missing on the other side


def write_book(path: Path, addresses: int, entries: int) -> None:
    """Write our book: the addresses, the bank account, and every entry."""
    with path.open("w") as file:
        write_addresses(file, addresses)
        balance = {"line": "balance", "asset_id": KZT, "location": "bank", "account": ACCOUNT}
        total = sum(amount_minor(number) for number in range(entries))
        file.write(json.dumps(balance | {"amount_minor": str(total), "at_ns": AT_NS}) + "\n")
        entry = {**balance, "line": "entry", "at_ns": AT_NS}
        for number in range(entries):
            more = {"reference": f"D-{number:07d}", "amount_minor": str(amount_minor(number)), "text": "PAYMENT"}
            file.write(json.dumps(entry | more) + "\n")


def write_addresses(file: TextIO, addresses: int) -> None:
    """Write the balances of addresses, the same on both sides."""
    for number in range(addresses):
        line = {"line": "balance", "asset_id": BTC, "location": "hot", "account": f"bc1q{number:038d}"}
        file.write(json.dumps(line | {"amount_minor": str(number * 7 + 1), "at_ns": AT_NS}) + "\n")


def write_statement(path: Path, entries: int) -> None:
    """Write a camt.053 that lacks one entry of EVERY and has as many that our book does not know."""
    rows = [(f"D-{number:07d}", amount_minor(number)) for number in range(entries) if number % EVERY]
    rows += [(f"unknown {number}", 5) for number in range(entries // EVERY)]
    closing = sum(minor for _, minor in rows)
    with path.open("w") as file:
        file.write(
            f'<?xml version="1.0" encoding="UTF-8"?><Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08">'
            f"<BkToCstmrStmt><GrpHdr><MsgId>M</MsgId><CreDtTm>2024-10-03T01:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S</Id>"
            f"<CreDtTm>2024-10-03T01:00:00Z</CreDtTm><Acct><Id><IBAN>{ACCOUNT}</IBAN></Id><Ccy>KZT</Ccy></Acct>"
            f"{balance_xml('OPBD', 0)}{balance_xml('CLBD', closing)}"
        )
        for reference, minor in rows:
            file.write(
                f"<Ntry><Amt Ccy='KZT'>{decimal(minor)}</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>"
                f"<BookgDt><Dt>{DAY}</Dt></BookgDt><AcctSvcrRef>B{reference}</AcctSvcrRef><NtryDtls><TxDtls><Refs>"
                f"<EndToEndId>{reference}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>\n"
            )
        file.write("</Stmt></BkToCstmrStmt></Document>\n")


def balance_xml(code: str, minor: int) -> str:
    """Return a balance of the statement."""
    return (
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='KZT'>{decimal(minor)}</Amt>"
        f"<CdtDbtInd>CRDT</CdtDbtInd><Dt><Dt>{DAY}</Dt></Dt></Bal>"
    )


def decimal(minor: int) -> str:
    """Return tiyn as tenge."""
    return f"{minor // 100}.{minor % 100:02d}"


def amount_minor(number: int) -> int:
    """Return the amount of an entry."""
    return number % 997 + 1


def ledger_balances(accounts: int, total: int) -> Iterator[int]:
    """Iterate over what each ledger account is owed; together it is the total."""
    share = total // accounts
    yield total - share * (accounts - 1)
    for _ in range(accounts - 1):
        yield share


def reconcile(folder: Path, chosen: argparse.Namespace) -> dict[str, int]:
    """Make one run and return how many items are in each state."""
    book, outside = read_side(folder / "book.jsonl"), read_side(folder / "outside.jsonl")
    add_statements(outside, [folder / "statement.xml"], {"KZT": KZT}.get)
    btc = sum(each.amount_minor for key, each in book.balances.items() if key.asset_id == BTC)
    kzt = sum(each.amount_minor for key, each in book.balances.items() if key.asset_id == KZT)
    found = three_way({(BTC, HOT): btc, (KZT, BANK): kzt}, book, outside, MatchingTerms(NOW_NS))
    half = chosen.accounts // 2
    owed = {BTC: ledger_balances(half, btc), KZT: ledger_balances(chosen.accounts - half, kzt)}
    money = client_money(owed, {BTC: [btc], KZT: [kzt]}, {BTC: btc, KZT: kzt})
    if found.breaks or any(each.shortfall_minor for each in money):
        raise SystemExit(f"expected no break and no shortfall, found {found.breaks} and {money}")
    with ReconciliationStore(folder / "runs.sqlite") as store:
        store.add(found, NOW_NS, 1, RunSignature(1, "00" * 32, "00" * 64), "00" * 32)
    return {state.value: sum(item.state is state for item in found.items) for state in ItemState}


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--accounts", type=int, default=1_000_000)
    made.add_argument("--addresses", type=int, default=100_000)
    made.add_argument("--entries", type=int, default=100_000)
    chosen = made.parse_args()
    with common.scratch() as folder:
        write_book(folder / "book.jsonl", chosen.addresses, chosen.entries)
        with (folder / "outside.jsonl").open("w") as file:
            write_addresses(file, chosen.addresses)
        write_statement(folder / "statement.xml", chosen.entries)
        started, used_s = time.perf_counter(), time.process_time()
        states = reconcile(folder, chosen)
        seconds, used_s = round(time.perf_counter() - started, 3), time.process_time() - used_s
    facts = {
        "seconds": seconds,
        "rss_mib": round(peak_bytes() / 1024**2, 1),
        "accounts": chosen.accounts,
        "processor_s": round(used_s, 3),
    }
    facts |= {"addresses": chosen.addresses, "entries": chosen.entries, "items": states}
    common.finish(chosen, "reconcile", seconds, "s", **facts)


if __name__ == "__main__":
    main()
