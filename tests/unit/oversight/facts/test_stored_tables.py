"""Counts by DuckDB over stored tables: by hand, and the same as those that are kept while the rows stream by."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tarazy.domain.records import AccountRole
from tarazy.journal.errors import StorageError
from tarazy.oversight.facts.counting import RecordCounts
from tarazy.oversight.facts.parquet import FactWriter
from tarazy.oversight.facts.stored_tables import StoredTables

from .test_counting import chunk

Rows = list[tuple[str, dict[str, Any]]]
C, A, H = AccountRole.client, AccountRole.affiliate, AccountRole.house


def kept(folder: Path, rows: Rows) -> tuple[dict[str, Any], dict[str, Any], RecordCounts]:
    """Return what DuckDB counts over the rows, what streaming counts, and the streaming counts."""
    writer, counts = FactWriter(folder, "a test"), RecordCounts()
    for table, row in rows:
        writer.add(table, chunk(table, row))
        counts.add(table, chunk(table, row))
    writer.close()
    with StoredTables(folder) as tables:
        assert tables.moments() == (counts.opened_ns, counts.first_orders())
        return tables.counts(), counts.found(), counts


def venue() -> Rows:
    """Return a venue: BTC admitted at 10, suspended at 20, admitted again at 30, removed at 50; USD admitted at 1."""
    rows: Rows = [
        ("accounts", {"seq": n, "ts_ns": n, "account_id": n, "owner_id": o, "client_class": k, "account_role": r})
        for n, o, k, r in ((1, 7, 1, C), (2, 7, 1, C), (3, 8, 0, C), (4, 9, 2, A), (5, 1, 2, H))
    ]
    for seq, asset, status in ((1, 1, 1), (1, 2, 1), (2, 2, 2), (10, 1, 2), (20, 1, 3), (30, 1, 2), (50, 1, 4)):
        rows.append(("asset_changes", {"seq": seq, "asset_id": asset, "asset_status": status}))
    terms = {"market_id": 1, "base_asset_id": 1, "quote_asset_id": 2}
    rows += [("market_terms", {"seq": 11, "tick_value_minor": 3, **terms})]
    return rows


def test_trades_around_every_change_are_counted_as_by_hand(tmp_path: Path) -> None:
    """5 is before admission; 20, 25, 29 are in the suspension (its own command counts); 50, 60 after the removal."""
    rows = venue() + [("trades", {"seq": seq, "market_id": 1}) for seq in (5, 10, 19, 20, 25, 29, 30, 49, 50, 60)]
    stored, streamed, _ = kept(tmp_path, rows)
    assert (stored["trades_before_admission"], stored["trades_while_suspended"]) == (1, 5)
    assert stored == streamed


def test_orders_are_those_of_their_account_s_role_and_refused_ones_count_nothing(tmp_path: Path) -> None:
    orders = [
        {"seq": 12, "ts_ns": 90, "account_id": 5, "reject_code": 148},
        {"seq": 13, "ts_ns": 80, "account_id": 1, "reject_code": 300, "display_lots": 1, "quantity_lots": 1},
        {"seq": 14, "ts_ns": 70, "account_id": 5},
        {"seq": 15, "ts_ns": 60, "account_id": 2, "display_lots": 1, "price_ticks": 100, "quantity_lots": 20},
        {"seq": 16, "ts_ns": 50, "account_id": 1, "display_lots": 2, "price_ticks": 101, "quantity_lots": 20},
    ]
    stored, streamed, counts = kept(tmp_path, venue() + [("orders", {"market_id": 1, **row}) for row in orders])
    assert (stored["house_orders_accepted"], stored["hidden_order_min_minor"]) == (1, 100 * 20 * 3)
    assert stored == streamed
    assert counts.first_orders() == {7: 50}  # the owner's earliest, of whichever account
    assert (stored["owners_in_record"], stored["accounts_without_class"]) == (2, 1)


@pytest.mark.parametrize("seed", range(4))
def test_both_programs_count_alike_on_rows_by_chance(tmp_path: Path, seed: int) -> None:
    random = np.random.default_rng(seed)
    rows = [row for row in venue() if row[1]["seq"] < 12]  # a record's changes come in order
    for seq in range(12, 260):
        if random.integers(12) == 0:
            status = int(random.choice([2, 3, 4]))
            rows.append(("asset_changes", {"seq": seq, "asset_id": int(random.integers(1, 3)), "asset_status": status}))
        elif random.integers(2):
            rows.append(("trades", {"seq": seq, "market_id": 1}))
        elif random.integers(60) == 0:
            row = {"seq": seq, "owner_id": int(random.integers(1, 9)), "client_class": int(random.integers(1, 4))}
            rows.append(("client_statuses", row))
        else:
            row = {"account_id": int(random.integers(1, 8)), "reject_code": int(random.choice([0, 0, 300]))}
            row |= {"display_lots": int(random.integers(2)), "price_ticks": int(random.integers(1, 50))}
            rows.append(("orders", {"seq": seq, "ts_ns": seq, "market_id": 1, "quantity_lots": 3, **row}))
    stored, streamed, _ = kept(tmp_path, rows)
    assert stored == streamed


def test_a_folder_without_tables_counts_nothing(tmp_path: Path) -> None:
    with StoredTables(tmp_path) as tables:
        found = tables.counts()
    assert {value for value in found.values() if isinstance(value, int)} == {0}
    assert found["releases_in_record"] == []


def test_a_file_that_is_no_table_is_refused_with_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "orders.parquet").write_bytes(b"PAR1 and nothing behind it")
    with pytest.raises(StorageError, match="tarazy rules facts"):
        StoredTables(tmp_path).counts()


def test_months_of_capped_clients_are_summed_by_hand(tmp_path: Path) -> None:
    """Owner 7 (retail, resident) has two accounts; 8 is a professional; 9 is exempt; 10 lives elsewhere."""
    july, august = 1_782_864_000 * 10**9, 1_785_542_400 * 10**9  # the first moments of July and August 2026, UTC
    rows: Rows = [
        ("accounts", {"seq": n, "account_id": n, "owner_id": owner, "account_role": C})
        for n, owner in enumerate((7, 7, 8, 9, 10), 1)
    ]
    for owner, kind, residency, exempt in ((7, 1, 1, 0), (8, 2, 1, 0), (9, 1, 1, 1), (10, 1, 2, 0)):
        status = {"seq": 6, "owner_id": owner, "client_class": kind, "residency": residency, "cap_exempt": exempt}
        rows.append(("client_statuses", status))
    rows.append(("market_terms", {"market_id": 1, "base_asset_id": 1, "quote_asset_id": 2, "tick_value_minor": 3}))
    for account, asset, when, low, high in (
        (1, 2, august - 1, 100, 0),
        (2, 2, august, 5, 1),  # five, and one of 2**64
        (2, 1, august, 77, 0),  # another asset
        (3, 2, july, 9, 0),
        (4, 2, july, 9, 0),
        (5, 2, july, 9, 0),
    ):
        deposit = {"account_id": account, "asset_id": asset, "ts_ns": when, "amount_minor_low": low}
        rows.append(("deposits", deposit | {"amount_minor_high": high}))
    trade = {"market_id": 1, "ts_ns": july, "price_ticks": 10, "quantity_lots": 2}
    rows.append(("trades", trade | {"side": 1, "taker_account_id": 1, "maker_account_id": 3}))  # 7 buys for 60
    rows.append(("trades", trade | {"side": 2, "taker_account_id": 1, "maker_account_id": 2}))  # and from itself: 60
    writer = FactWriter(tmp_path, "a test")
    for table, row in rows:
        writer.add(table, chunk(table, row))
    writer.close()
    with StoredTables(tmp_path) as tables:
        found = tables.client_months(2)
    assert found == {(7, "2026-07"): (100, 120), (7, "2026-08"): (2**64 + 5, 0)}
