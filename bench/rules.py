"""rules: all rules of four regimes over a facility's quarter, from its fact tables in Parquet to every answer.

The tables are made up before the clock starts: 10,000 clients, 5,000,000 trades, two orders a trade of which one in ten
is refused, money in and out, custody, officers, statements; an asset was suspended and admitted again, and the house
placed ten orders. Beside the record, a row is stated for every client: travel data and complaints. DuckDB counts,
within `--memory` MiB. `value` is the seconds from the first byte that is read to the last answer; the counts are
compared with those that were made, and `memory_peak_kib` is of the process that counts and judges alone.
"""

from __future__ import annotations

import multiprocessing
import resource
import sys
import time
from datetime import date
from pathlib import Path
from typing import Any

import common
from rule_tables import MadeQuarter, make_tables

from tarazy.oversight.facts.stored_tables import MEMORY_MIB, StoredTables
from tarazy.rulebook.catalogue import regimes
from tarazy.rulebook.facts import FactSet, RuleFact
from tarazy.rulebook.judging import counted, judge

DAY = date(2026, 11, 30)
TRAVEL = "originator_name originator_reference originator_identity beneficiary_name beneficiary_reference".split()


def stated(clients: int) -> FactSet:
    """Return a row of travel data and a complaint for every client, as people would state them."""
    full = dict.fromkeys(TRAVEL, True) | {"party": "person", "wallet": "hosted", "suspicion": False}
    rows = [{"id": str(number), "usd": number, **full} for number in range(clients)]
    day = date(2026, 10, 1)
    complaints = [{"id": str(n), "received": day, "acknowledged": day, "resolved": day} for n in range(clients)]
    facts = {"travel_transfers": rows, "complaints": complaints}
    return FactSet(RuleFact(name, value, "bench", "declared", day) for name, value in facts.items())


def one_run(folder: Path, clients: int, memory_mib: int) -> dict[str, Any]:
    """Read the tables, count, and judge; return seconds of both, the counts and the answers of every regime."""
    people = stated(clients)
    begin = time.perf_counter()
    with StoredTables(folder, memory_mib=memory_mib) as tables:
        counts = tables.counts()
    for name, value in counts.items():
        people.add(RuleFact(name, value, "fact tables", "replayed", DAY))
    read = time.perf_counter()
    answers = {regime: counted(judge(regime, people, DAY)) for regime in regimes()}
    judged_s = time.perf_counter() - read
    peak_kib = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"read_s": read - begin, "judge_s": judged_s, "counts": counts, "answers": answers, "peak_kib": peak_kib}


def check(made: MadeQuarter, run: dict[str, Any]) -> None:
    """Compare what was counted with what was made."""
    counts = run["counts"]
    assert counts["trades_while_suspended"] == made.sides_suspended, counts
    assert counts["house_orders_accepted"] == made.house_orders, counts
    assert counts["hidden_order_min_minor"] == made.hidden_min_minor, counts
    assert run["answers"]["aifc"]["breached"] >= 1


def main() -> int:
    """Run and print."""
    parser = common.parser(__doc__ or "")
    parser.add_argument("--clients", type=int, default=10_000, help="clients (10000)")
    parser.add_argument("--trades", type=int, default=5_000_000, help="trades of the quarter (5000000)")
    parser.add_argument("--memory", type=int, default=MEMORY_MIB, help=f"MiB that DuckDB may take ({MEMORY_MIB})")
    arguments = parser.parse_args()
    alone = multiprocessing.get_context("spawn")
    with common.scratch() as folder:
        with alone.Pool(1) as pool:
            made = pool.apply(make_tables, (folder, arguments.clients, arguments.trades))
        size = sum(path.stat().st_size for path in folder.iterdir())
        runs = []
        for _ in range(max(arguments.runs, 1)):
            with alone.Pool(1) as pool:
                runs.append(pool.apply(one_run, (folder, arguments.clients, arguments.memory)))
            check(made, runs[-1])
    common.finish(
        arguments, "rules", common.median([run["read_s"] + run["judge_s"] for run in runs]), "s",
        clients=arguments.clients, trades=made.rows["trades"], orders=made.rows["orders"], parquet_bytes=size,
        read_and_count_s=[run["read_s"] for run in runs], judge_s=[run["judge_s"] for run in runs],
        memory_peak_kib=max(run["peak_kib"] for run in runs), answers=runs[-1]["answers"],
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
