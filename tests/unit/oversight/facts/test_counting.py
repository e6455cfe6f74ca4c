"""Counts over fact tables, on rows whose answer is counted by hand; chunks of any size give the same."""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np
import pytest

from tarazy.domain.records import AccountRole, AssetStatus
from tarazy.oversight.facts.chunks import FactChunk, chunk_of_rows
from tarazy.oversight.facts.counting import RecordCounts
from tarazy.oversight.facts.tables import TABLES

DAY_NS = 86_400 * 10**9


def chunk(table: str, *rows: dict[str, Any]) -> FactChunk:
    """Return rows as a chunk; a column that a row does not name is 0."""
    columns = TABLES[table].wide_columns()
    found = {
        name: np.array([row.get(name, 0) for row in rows], np.uint64) for name in columns if name != "rulebook_hash"
    }
    if "rulebook_hash" in columns:
        found["rulebook_hash"] = np.frombuffer(b"".join(row["rulebook_hash"] for row in rows), "V32")
    return found


def venue() -> RecordCounts:
    """Return counts of a venue: BTC admitted at 10, suspended at 20, admitted again at 30; USD admitted at 1."""
    counts = RecordCounts()
    statuses = [(1, 1, 1), (2, 1, 1), (1, 2, 2), (10, 1, 2), (20, 1, 3), (30, 1, 2)]
    for seq, asset, status in statuses:
        counts.add("asset_changes", chunk("asset_changes", {"seq": seq, "asset_id": asset, "asset_status": status}))
    terms = {"seq": 11, "market_id": 1, "base_asset_id": 1, "quote_asset_id": 2, "tick_value_minor": 3}
    counts.add("market_terms", chunk("market_terms", terms))
    accounts = [
        {"account_id": 1, "owner_id": 7, "client_class": 1, "account_role": AccountRole.client},
        {"account_id": 2, "owner_id": 8, "client_class": 0, "account_role": AccountRole.client},
        {"account_id": 3, "owner_id": 9, "client_class": 2, "account_role": AccountRole.affiliate, "approval_id": 5},
        {"account_id": 4, "owner_id": 9, "client_class": 2, "account_role": AccountRole.affiliate},
        {"account_id": 5, "owner_id": 1, "client_class": 2, "account_role": AccountRole.house},
    ]
    counts.add("accounts", chunk("accounts", *accounts))
    return counts


def test_accounts_are_counted_by_role_class_and_approval() -> None:
    counts = venue()
    assert (counts.without_class, counts.affiliates, counts.affiliates_without_approval) == (1, 2, 1)
    assert counts.owners == {7, 8}


def test_what_the_record_has_none_of_is_empty_and_what_it_has_is_left_to_a_register() -> None:
    """Affiliates and the house are no professional clients; no account was closed, and no account says nothing."""
    none = {"class_reviews": [], "professional_individuals": [], "class_records": []}
    names = set(none)
    assert not names & set(RecordCounts().found())
    counts = venue()
    assert {name: counts.found()[name] for name in names} == none
    counts.add("client_statuses", chunk("client_statuses", {"seq": 12, "owner_id": 7, "client_class": 2}))
    assert names & set(counts.found()) == {"class_records"}
    counts.add("account_states", chunk("account_states", {"seq": 13, "account_id": 1, "account_state": 4}))
    assert not names & set(counts.found())
    professional = venue()
    row = {"account_id": 6, "owner_id": 10, "client_class": 2, "account_role": AccountRole.client}
    professional.add("accounts", chunk("accounts", row))
    assert names & set(professional.found()) == {"class_records"}


@pytest.mark.parametrize("size", [1, 2, 6])
def test_trades_before_admission_and_while_suspended_are_told_apart(size: int) -> None:
    """At 5 nothing was admitted; 20 (the suspension's own command) and 25 are suspended; 15, 30 and 40 are fine."""
    counts = venue()
    trades = [{"seq": seq, "market_id": 1} for seq in (5, 15, 20, 25, 30, 40)]
    for at in range(0, len(trades), size):
        counts.add("trades", chunk("trades", *trades[at : at + size]))
    assert (counts.before_admission, counts.while_suspended) == (1, 2)
    assert counts.rows["trades"] == 6


def test_orders_of_the_house_count_only_where_they_were_accepted() -> None:
    counts = venue()
    orders = [
        {"seq": 12, "market_id": 1, "account_id": 5, "reject_code": 148},
        {"seq": 13, "market_id": 1, "account_id": 1},
        {"seq": 14, "market_id": 1, "account_id": 5},
        {"seq": 15, "market_id": 1, "account_id": 99},
    ]
    counts.add("orders", chunk("orders", *orders))
    assert (counts.house_orders, counts.refused_orders) == (1, 1)


def test_smallest_hidden_order_is_valued_in_the_quote_asset() -> None:
    """100 ticks, 20 lots, 3 minor units a tick and lot: 6,000; the open order and the refused one do not count."""
    counts = venue()
    shown = {"seq": 12, "market_id": 1, "account_id": 1, "price_ticks": 1, "quantity_lots": 1}
    hidden = {"seq": 13, "market_id": 1, "account_id": 1, "price_ticks": 100, "quantity_lots": 20, "display_lots": 1}
    larger = hidden | {"price_ticks": 101}
    refused = hidden | {"price_ticks": 1, "reject_code": 177}
    counts.add("orders", chunk("orders", shown, larger, hidden, refused))
    assert counts.hidden_min_minor == 6_000


def test_releases_are_listed_with_the_day_of_their_first_use() -> None:
    counts = RecordCounts()
    first, second = b"\x01" * 32, b"\x02" * 32
    rows = [(first, 0), (second, DAY_NS), (first, 2 * DAY_NS)]
    counts.add("rules_in_force", chunk("rules_in_force", *({"rulebook_hash": h, "ts_ns": ns} for h, ns in rows)))
    assert counts.first_days() == [
        {"id": first.hex(), "first_set": date(1970, 1, 1)},
        {"id": second.hex(), "first_set": date(1970, 1, 2)},
    ]


def test_amounts_of_more_than_64_bits_are_two_columns() -> None:
    rows = chunk_of_rows(TABLES["balances"], [(1, 2, (3 << 64) + 4, 5)], 9, 10)
    found = {name: column.tolist() for name, column in rows.items()}
    assert (found["available_minor_low"], found["available_minor_high"], found["held_minor_high"]) == ([4], [3], [0])
    assert (found["seq"], found["ts_ns"], found["grade"]) == ([9], [10], [1])


def test_every_status_of_admission_is_one_that_the_counts_know() -> None:
    assert [status.value for status in AssetStatus] == [1, 2, 3, 4]
