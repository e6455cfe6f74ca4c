"""Tokens and locks on a development chain, through the node: made, locked, read back, withdrawn."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tarazy.chains.errors import OwnContractError
from tarazy.chains.evm import locks
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.own_contracts import contract
from tarazy.issuance import issue
from tarazy.issuance.errors import SafeTokenError

from .stage import DAY, odd

GUIDE = Path(__file__).resolve().parents[3] / "docs/guides/issue-a-safe-token.md"
FIXED = {"name": "Plain", "symbol": "PLN", "decimals": 18, "supply": 10**24}


@pytest.fixture
def node(anvil: str) -> Iterator[Node]:
    with Node(anvil) as found:
        yield found


@pytest.fixture
def accounts(node: Node) -> list[str]:
    found = node.call("eth_accounts")
    assert isinstance(found, list)
    return found


def now(node: Node) -> int:
    return node.block("latest").timestamp_s


def pass_time(node: Node, seconds: int) -> None:
    node.call("evm_increaseTime", seconds)
    node.call("evm_mine")


def place(node: Node, sender: str, name: str, *arguments: object) -> str:
    return issue.deploy(node, sender, name, odd(name).deployment(*arguments)).address


def test_token_is_made_locked_read_back_and_withdrawn_at_its_time(node: Node, accounts: list[str]) -> None:
    ann, ben, *_ = accounts
    token = issue.create_token(node, ann, "fixed", FIXED | {"holder": ann})
    time_lock = issue.create_time_lock(node, ann)
    end = now(node) + 30 * DAY
    first = issue.lock_tokens(node, ann, time_lock.address, token.address, 25 * 10**22, end, owner=ben)
    second = issue.lock_tokens(node, ann, time_lock.address, token.address, 100, end + DAY, release="linear")
    assert (first, second) == (1, 2)
    found = locks.locks_of(node, time_lock.address, token.address)
    assert [(lock.id, lock.owner, lock.amount, lock.release) for lock in found] == [
        ("1", ben.lower(), 25 * 10**22, "cliff"),
        ("2", ann.lower(), 100, "linear"),
    ]
    assert (found[0].end_s, found[0].is_pool_share, found[0].supply) == (end, False, 10**24)
    assert locks.locked_percent(found[:1], found[0].supply) == "0.25"
    with pytest.raises(SafeTokenError, match="expected a call that goes through, found error 3"):
        issue.withdraw(node, ben, time_lock.address, first)
    with pytest.raises(SafeTokenError, match="expected a call that goes through, found error 3"):
        issue.withdraw(node, ann, time_lock.address, first)
    with pytest.raises(SafeTokenError, match="expected a call that goes through, found error 3"):
        issue.extend(node, ben, time_lock.address, first, end - 1)
    pass_time(node, 30 * DAY)
    issue.withdraw(node, ben, time_lock.address, first)
    after = locks.locks_of(node, time_lock.address, token.address)
    assert (after[0].unlocked, after[0].remaining) == (25 * 10**22, 0)
    assert locks.locked_ppm(after, after[0].supply) == 0


def test_lock_that_is_prolonged_and_given_shows_it(node: Node, accounts: list[str]) -> None:
    ann, ben, *_ = accounts
    token = issue.create_token(node, ann, "burnable", FIXED | {"holder": ann})
    time_lock = issue.create_time_lock(node, ann)
    end = now(node) + DAY
    number = issue.lock_tokens(node, ann, time_lock.address, token.address, 100, end)
    issue.extend(node, ann, time_lock.address, number, end + DAY)
    issue.give_to(node, ann, time_lock.address, number, ben)
    (found,) = locks.locks_of(node, time_lock.address, token.address)
    assert (found.owner, found.end_s) == (ben.lower(), end + DAY)


def test_locks_are_read_page_by_page(node: Node, accounts: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    ann = accounts[0]
    token = issue.create_token(node, ann, "fixed", FIXED | {"holder": ann})
    other = issue.create_token(node, ann, "fixed", FIXED | {"holder": ann})
    time_lock = issue.create_time_lock(node, ann)
    for amount in range(1, 6):
        issue.lock_tokens(node, ann, time_lock.address, token.address, amount, now(node) + DAY)
    issue.lock_tokens(node, ann, time_lock.address, other.address, 9, now(node) + DAY)
    monkeypatch.setattr(locks, "PAGE", 2)
    assert [lock.amount for lock in locks.locks_of(node, time_lock.address, token.address)] == [1, 2, 3, 4, 5]
    page = locks.token_page(node, time_lock.address, token.address, 3, 1)
    assert ([lock.amount for lock in page.locks], page.total) == ([4], 5)
    assert locks.token_page(node, time_lock.address, token.address, 5, 10).locks == ()
    assert locks.locks_of(node, time_lock.address, time_lock.address) == []


def test_share_of_a_pool_is_told_by_its_factory(node: Node, accounts: list[str]) -> None:
    ann = accounts[0]
    time_lock = issue.create_time_lock(node, ann)
    shares = [place(node, ann, "Share", known) for known in (True, False)]
    for share in shares:
        issue.lock_tokens(node, ann, time_lock.address, share, 400, now(node) + DAY)
    found = [locks.locks_of(node, time_lock.address, share)[0] for share in shares]
    assert [lock.is_pool_share for lock in found] == [True, False]
    assert locks.locked_percent(found[:1], found[0].supply) == "0.4"


def test_positions_show_pool_and_liquidity_from_trusted_managers_only(node: Node, accounts: list[str]) -> None:
    ann, ben, *_ = accounts
    time_lock = issue.create_time_lock(node, ann).address
    third, fourth = place(node, ann, "Positions"), place(node, ann, "FourthPositions")
    issue.invoke(node, ann, third, odd("Positions"), "make", 3, ann, 1000)
    end = now(node) + DAY
    assert issue.lock_position(node, ann, time_lock, third, 3, end, ben) == 1
    assert issue.lock_position(node, ann, time_lock, fourth, 7, end) == 2
    one, two = locks.positions_of(node, time_lock, [third, fourth])
    assert (one.id, one.owner, one.position, one.pool) == ("1", ben.lower(), 3, third)
    assert (one.liquidity, one.pool_liquidity, one.end_s) == (1000, 4000, end)
    assert (two.liquidity, two.pool_liquidity, len(two.pool)) == (77, None, 66)
    blind = locks.positions_of(node, time_lock, [])
    assert [(lock.pool, lock.liquidity) for lock in blind] == [("", None), ("", None)]
    pass_time(node, DAY)
    issue.withdraw(node, ben, time_lock, 1)
    assert [lock.id for lock in locks.positions_of(node, time_lock, [third])] == ["2"]


def test_example_of_the_guide_runs_and_prints_what_it_says(anvil: str, capsys: pytest.CaptureFixture[str]) -> None:
    text = GUIDE.read_text()
    example = re.findall(r"^```python\n(.*?)^```", text, re.MULTILINE | re.DOTALL)[0]
    assert "http://127.0.0.1:8545" in example
    exec(example.replace("http://127.0.0.1:8545", anvil), {})
    printed = capsys.readouterr().out.strip()
    assert f"It prints `{printed}`" in text


def test_contract_that_is_not_our_time_lock_is_not_read(node: Node, accounts: list[str]) -> None:
    token = issue.create_token(node, accounts[0], "fixed", FIXED | {"holder": accounts[0]})
    for address in (token.address, accounts[1]):
        with pytest.raises(OwnContractError, match="expected the code of our time lock, found other code or none"):
            locks.locks_of(node, address, token.address)
        with pytest.raises(OwnContractError, match="expected the code of our time lock"):
            locks.positions_of(node, address, [])


def test_sender_that_the_node_does_not_sign_for_is_refused(node: Node) -> None:
    stranger = "0x" + "77" * 20
    with pytest.raises(SafeTokenError, match="time lock: expected a transaction that the node takes"):
        issue.create_time_lock(node, stranger)
    with pytest.raises(SafeTokenError, match="release: expected cliff or linear, found 'soon'"):
        issue.lock_tokens(node, stranger, stranger, stranger, 1, 1, release="soon")


def test_answer_of_other_types_is_refused() -> None:
    with pytest.raises(OwnContractError, match=r"TimeLock\.tokenLocks: expected .*, found 3 bytes"):
        contract("TimeLock").answer("tokenLocks", b"abc")
    with pytest.raises(OwnContractError, match=r"extend: expected arguments \(uint256, uint64\)"):
        contract("TimeLock").call_data("extend", 1, 2**64)
