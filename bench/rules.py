"""rules: all rules of four regimes over a facility's quarter, from its fact tables in Parquet to every answer.

The tables are made up before the clock starts: 10,000 clients, as many trades as are asked for, two orders a trade of
which one in ten is refused, two assets of which one was suspended and admitted again. Beside the record, a row is
stated for every client: travel data and complaints. `value` is the seconds from the first byte that is read to the last
answer; the counts are compared with those that were made.
"""

from __future__ import annotations

import resource
import sys
import time
from datetime import date
from pathlib import Path

import common
import numpy as np

from tarazy.oversight.facts.chunks import FactChunk
from tarazy.oversight.facts.counting import RecordCounts
from tarazy.oversight.facts.parquet import FactWriter, stored_chunks
from tarazy.oversight.facts.tables import TABLES
from tarazy.rulebook.catalogue import regimes
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.judging import counted, judge

DAY = date(2026, 11, 30)
CHUNK = 1 << 16
START_NS, QUARTER_NS = 1_790_000_000 * 10**9, 91 * 86_400 * 10**9
TRAVEL = "originator_name originator_reference originator_identity beneficiary_name beneficiary_reference".split()


def chunk(table: str, count: int, **columns: object) -> FactChunk:
    """Return rows of a table; columns that are not named are 0."""
    names = [name for name in TABLES[table].wide_columns() if name not in TABLES[table].hashes()]
    return {name: np.broadcast_to(np.asarray(columns.get(name, 0), np.uint64), count).copy() for name in names}


def make_tables(folder: Path, clients: int, trades: int) -> int:
    """Write the tables of a quarter; return how many trades fall into the suspension."""
    writer, random = FactWriter(folder, "made up"), np.random.default_rng(7)
    numbers = np.arange(1, clients + 1)
    writer.add("accounts", chunk("accounts", clients, seq=numbers, account_id=numbers, owner_id=numbers,
                                 client_class=1, account_role=1))  # fmt: skip
    first, last = trades // 2, trades // 2 + trades // 100
    base = clients + 1
    for seq, asset, status in ((1, 1, 2), (1, 2, 2), (base + 3 * first, 1, 3), (base + 3 * last, 1, 2)):
        writer.add("asset_changes", chunk("asset_changes", 1, seq=seq, asset_id=asset, asset_status=status))
    terms = {"seq": 2, "market_id": 1, "base_asset_id": 1, "quote_asset_id": 2, "tick_value_minor": 1}
    writer.add("market_terms", chunk("market_terms", 1, **terms))
    for at in range(0, trades, CHUNK):
        rows = np.arange(at, min(at + CHUNK, trades))
        seq, count = base + 3 * rows, len(rows)
        when = START_NS + rows * (QUARTER_NS // trades)
        accounts = random.integers(1, clients + 1, count)
        for side in (0, 1):
            refused = np.where((rows + side) % 10 == 0, 300, 0)
            writer.add("orders", chunk("orders", count, seq=seq + side, ts_ns=when, account_id=accounts, market_id=1,
                                       price_ticks=100 + rows % 50, quantity_lots=5, reject_code=refused))  # fmt: skip
        writer.add("trades", chunk("trades", count, seq=seq + 2, ts_ns=when, market_id=1, maker_account_id=accounts,
                                   taker_account_id=accounts[::-1], price_ticks=100, quantity_lots=5))  # fmt: skip
    writer.close()
    return int(((base + 3 * np.arange(trades) + 2 >= base + 3 * first)
                & (base + 3 * np.arange(trades) + 2 < base + 3 * last)).sum())  # fmt: skip


def stated(clients: int) -> FactSet:
    """Return a row of travel data and a complaint for every client, as people would state them."""
    full = dict.fromkeys(TRAVEL, True) | {"party": "person", "wallet": "hosted", "suspicion": False}
    rows = [{"id": str(number), "usd": number, **full} for number in range(clients)]
    day = date(2026, 10, 1)
    complaints = [{"id": str(n), "received": day, "acknowledged": day, "resolved": day} for n in range(clients)]
    facts = {"travel_transfers": rows, "complaints": complaints}
    return FactSet(RuleFact(name, value, "bench", "declared", day) for name, value in facts.items())


def one_run(folder: Path, clients: int) -> tuple[float, float, RecordCounts, dict[str, dict[str, int]]]:
    """Read the tables, count, and judge; return seconds of both, the counts and the answers of every regime."""
    people = stated(clients)
    begin = time.perf_counter()
    counts = RecordCounts()
    for table, rows in stored_chunks(folder):
        counts.add(table, rows)
    for name, value in counts.found().items():
        people.add(RuleFact(name, value, "fact tables", "replayed", DAY))
    read = time.perf_counter()
    answers = {regime: counted(judge(regime, people, DAY)) for regime in regimes()}
    return read - begin, time.perf_counter() - read, counts, answers


def main() -> int:
    """Run and print."""
    parser = common.parser(__doc__ or "")
    parser.add_argument("--clients", type=int, default=10_000, help="clients (10000)")
    parser.add_argument("--trades", type=int, default=200_000, help="trades of the quarter (200000)")
    arguments = parser.parse_args()
    with common.scratch() as folder:
        suspended = make_tables(folder, arguments.clients, arguments.trades)
        size = sum(path.stat().st_size for path in folder.iterdir())
        runs = [one_run(folder, arguments.clients) for _ in range(max(arguments.runs, 1))]
    counts, answers = runs[-1][2], runs[-1][3]
    assert counts.while_suspended == suspended
    assert counts.rows["trades"] == arguments.trades
    totals = [read + judged for read, judged, *_ in runs]
    common.finish(
        arguments, "rules", common.median(totals), "s",
        clients=arguments.clients, trades=arguments.trades, orders=counts.rows["orders"], parquet_bytes=size,
        read_and_count_s=[read for read, *_ in runs], judge_s=[judged for _, judged, *_ in runs],
        memory_peak_kib=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, answers=answers,
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
