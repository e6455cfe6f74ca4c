"""Supplied tables of ownership: right ones become what a node would give, wrong ones name the place and the shape."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from tarazy.chains.errors import TableError
from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts
from tarazy.chains.evm.tables import TABLE_BYTES_MAX, load_ownership, parse_csv, parse_json

A, B, C = ("0x" + digit * 40 for digit in "abc")
GOOD: dict[str, Any] = {
    "total_supply": "2000000000000000000000000",
    "owner_address": "",
    "creator_address": A.upper().replace("0X", "0x"),
    "creator_balance": 5,
    "holder_count": 2,
    "holders": [
        {"address": A, "balance": 5},
        {"address": B, "balance": "1000000000000000000000000", "locks": [[7, 0, 100]], "tag": "team"},
    ],
    "pools": [
        {
            "address": C,
            "name": "UniswapV2",
            "quote": B,
            "liquidity_minor": 10,
            "lp_total_supply": 4,
            "lp_holders": [{"address": A, "balance": 1, "is_locked": False}],
        }
    ],
}


def test_json_table_becomes_ownership() -> None:
    assert parse_json(json.dumps(GOOD), "token.json") == Ownership(
        owner_address="",
        creator_address=A,
        creator_balance=5,
        holder_count=2,
        holders=(
            HolderShare(B, 10**24, 500_000, is_locked=True, tag="team", locks=((7, 0, 100),)),
            HolderShare(A, 5, 0),
        ),
        pools=(PoolFacts(C, "UniswapV2", B, 10, 4, (HolderShare(A, 1, 250_000, is_locked=False),)),),
        source="table token.json",
    )


def test_what_a_table_does_not_say_is_unknown_not_none() -> None:
    found = parse_json("{}", "empty.json")
    assert (found.owner_address, found.holder_count, found.pools, found.holders) == (None, None, None, ())


def test_csv_table_becomes_holders_with_all_their_locks() -> None:
    text = (
        "address,balance,is_contract,is_locked,tag,lock_amount,lock_start_s,lock_end_s\n"
        f"{A},40,false,,owner,,,\n{B},60,true,true,lock,10,0,50\n{B},60,true,true,lock,20,0,60\n"
    )
    assert parse_csv(text, "holders.csv", 100).holders == (
        HolderShare(B, 60, 600_000, True, True, "lock", ((10, 0, 50), (20, 0, 60))),
        HolderShare(A, 40, 400_000, False, None, "owner"),
    )


def changed(path: str, value: Any) -> str:
    """Return the good table with one value changed."""
    table = json.loads(json.dumps(GOOD))
    *keys, last = [int(each) if each.isdigit() else each for each in path.split(".")]
    place = table
    for key in keys:
        place = place[key]
    place[last] = value
    return json.dumps(table)


@pytest.mark.parametrize(
    ("text", "where", "expected"),
    [
        ("", "t.json", "JSON object"),
        ("[" * 100_000, "t.json", "JSON object"),
        ("[]", "t.json", "an object"),
        ('{"holder_count": 1.5}', "t.json", "whole numbers"),
        ('{"holder_count": NaN}', "t.json", "whole numbers"),
        (changed("owner", A), "t.json", "names of owner_address"),
        (changed("owner_address", "0x12"), "owner_address", "an address"),
        (changed("owner_address", 5), "owner_address", "an address"),
        (changed("creator_balance", -1), "creator_balance", "a whole number"),
        (changed("creator_balance", True), "creator_balance", "a whole number"),
        (changed("creator_balance", str(1 << 256)), "creator_balance", "at most 256 bits"),
        (changed("creator_balance", "9" * 100_000), "creator_balance", "at most 256 bits"),
        (changed("creator_balance", "٣"), "creator_balance", "a whole number"),
        (changed("holders", {}), "holders", "a list"),
        (changed("holders.1.address", A), "holders", "each holder once"),
        (changed("holders.0", {"address": A}), "holders[0]", "a value for balance"),
        (changed("holders.0.is_contract", "yes"), "holders[0].is_contract", "true, false or null"),
        (changed("holders.1.locks.0.0", 10**25), "holders[1]", "locks within the balance"),
        (changed("holders.1.locks.0", [1, 2]), "holders[1].locks[0]", "[amount, start_s, end_s]"),
        (changed("holders.1.locks.0", [1, 9, 2]), "holders[1].locks[0]", "not before the start"),
        (changed("holders.0.percent_ppm", 1_000_001), "holders[0]", "at most 1,000,000"),
        (changed("total_supply", 0), "holders[0]", "percent_ppm, or total_supply"),
        (changed("pools.0.quote", None), "pools[0].quote", "an address"),
        (changed("pools.0.name", 1), "pools[0].name", "a text"),
        (changed("pools.0.lp_total_supply", None), "pools[0].lp_holders[0]", "percent_ppm"),
    ],
)
def test_wrong_json_names_place_and_shape(text: str, where: str, expected: str) -> None:
    with pytest.raises(TableError) as caught:
        parse_json(text, "t.json")
    assert where in caught.value.where
    assert expected in caught.value.expected
    assert len(str(caught.value)) < 600
    assert "docs/reference/ownership-tables.md" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "where"),
    [
        ("", "line 1"),
        ("holder,balance\n", "line 1"),
        (f"address,balance\n{A}\n", "line 2"),
        (f"address,balance\n{A},1,2\n", "line 2"),
        (f"address,balance,is_locked\n{A},1,perhaps\n", "line 2"),
        (f"address,balance\n{A},1\n{A},2\n", "line 3"),
        (f'address,balance\n{A},"1\n', "line 2"),
        (f"address,balance\n{A},1e3\n", "holders[0].balance"),
    ],
)
def test_wrong_csv_names_the_line(text: str, where: str) -> None:
    with pytest.raises(TableError) as caught:
        parse_csv(text, "t.csv", 100)
    assert where in caught.value.where


def test_file_is_read_by_its_ending_and_bounded(tmp_path: Path) -> None:
    good = tmp_path / "a.json"
    good.write_text(json.dumps(GOOD))
    assert load_ownership(good).holder_count == 2
    other = tmp_path / "a.xlsx"
    other.write_bytes(b"PK\x03\x04")
    large = tmp_path / "large.csv"
    with large.open("wb") as file:
        file.truncate(TABLE_BYTES_MAX + 1)
    for path in (other, large, tmp_path / "missing.json"):
        with pytest.raises(TableError, match=path.name):
            load_ownership(path)


def test_examples_of_the_reference_page_are_right(tmp_path: Path) -> None:
    page = Path(__file__).parents[4] / "docs" / "reference" / "ownership-tables.md"
    examples = dict(re.findall(r"^```(json|csv)\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL))
    assert parse_json(examples["json"], "example.json").holder_count == 812
    assert [each.percent_ppm for each in parse_csv(examples["csv"], "example.csv").holders] == [250_000, 50_000]
