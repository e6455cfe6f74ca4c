"""The order flow of the benches: the neutral single-symbol workload, as venue commands.

A workload file holds 32-byte records (B type, B side, H pad, I quantity, q price, Q id, Q target): a limit order, a
cancel of a resting order, or a marketable limit that fills at once. Beside it stands FILE.expect with what a correct
price-time engine must end up with. `generate` makes the same flow from a seed, so that no file is needed.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import count, islice
from pathlib import Path
from typing import Any

import numpy as np
from flow import generate_records

from tarazy.domain.records import (
    LAYOUT,
    RECORD_SIZE,
    AccountRole,
    AdmitAsset,
    AssetKind,
    ClientClass,
    CommandKind,
    CreditDeposit,
    CustodyLocation,
    MarketState,
    OpenAccount,
    OpenMarket,
    OrderType,
    PresentInstruction,
    RegisterAsset,
    RegisterOfficer,
    SelfTradePrevention,
    SetMarketRules,
    SetMarketState,
    Side,
    TimeInForce,
)

RECORD = np.dtype(
    [
        ("type", "u1"),
        ("side", "u1"),
        ("pad", "<u2"),
        ("quantity", "<u4"),
        ("price", "<i8"),
        ("id", "<u8"),
        ("target", "<u8"),
    ]
)
PRELOAD = 10_000
START_NS = 1_700_000_000_000_000_000
DAY_NS = 86_400_000_000_000
U64_MAX = (1 << 64) - 1
# Two officers with every role; nothing here is signed, so their keys need no secrets.
OFFICER_KEYS = (sha256(b"bench officer 1").digest(), sha256(b"bench officer 2").digest())
EVERY_ROLE = 31


@dataclass(frozen=True)
class Workload:
    """Commands to set up, to preload and to measure, each n * 96 bytes, and what the flow must end up with."""

    setup: bytes
    preload: bytes
    commands: bytes
    expect: dict[str, int]


def document(*parts: object) -> bytes:
    """Return a hash that stands for a document or a piece of evidence."""
    return sha256(repr(parts).encode()).digest()


def expectations(path: Path) -> dict[str, int]:
    """Return the key=value pairs of a side-car file."""
    pairs = (word.split("=") for word in path.read_text().split())
    return {key: int(value) for key, value in pairs}


def load(path: Path | None, seed: int = 20250101, count: int = 1_000_000) -> tuple[np.ndarray, dict[str, int]]:
    """Return the records of a workload file, or of the generator where no file is named."""
    if path is None:
        records, expect = generate_records(count, PRELOAD, seed)
        return np.frombuffer(records, RECORD), expect
    return np.fromfile(path, RECORD), expectations(path.with_name(path.name + ".expect"))


def setup_commands(market_count: int, account_count: int) -> bytes:
    """Return the commands that open assets, markets and funded accounts."""
    return b"".join(setup_chunks(market_count, account_count, 4_096))


def setup_chunks(market_count: int, account_count: int, size: int) -> Iterator[bytes]:
    """Yield those commands, at most `size` at once: first the officers, then chunks that one instruction covers."""
    yield b"".join(RegisterOfficer(EVERY_ROLE, START_NS, 0, U64_MAX, key).pack() for key in OFFICER_KEYS)
    records = setup_records(market_count, account_count)
    for number in count(1):
        chunk = [command.pack() for command in islice(records, size - 1)]
        if not chunk:
            return
        terms = (1, 2, len(chunk), number, START_NS + DAY_NS, sha256(b"".join(OFFICER_KEYS)).digest())
        yield PresentInstruction(START_NS, *terms).pack() + b"".join(chunk)


def setup_records(market_count: int, account_count: int) -> Iterator[Any]:
    """Yield the commands that open assets, markets and funded accounts.

    Asset 1 is the quote of every market, asset m + 1 the base of market m. The first half of the accounts buys and is
    funded in the quote, the other half sells and is funded in the base of the market it trades in.
    """
    for asset_id in range(1, market_count + 2):
        code = b"USD" if asset_id == 1 else b"T%d" % (asset_id - 1)
        kind = AssetKind.fiat if asset_id == 1 else AssetKind.digital
        yield (RegisterAsset(asset_kind=kind, scale=8, asset_code=code, ts_ns=START_NS))
        yield (AdmitAsset(asset_id=asset_id, decision_hash=document("admit", asset_id), ts_ns=START_NS))
    for market_id in range(1, market_count + 1):
        terms = {"base_asset_id": market_id + 1, "quote_asset_id": 1, "lot_size_minor": 1_000, "tick_value_minor": 10}
        yield (OpenMarket(ts_ns=START_NS, rulebook_hash=document("rules"), **terms))
        fees = {"maker_fee_ppm": 1_000, "taker_fee_ppm": 2_000, "collar_ppm": 500_000, "corridor_ppm": 500_000}
        sizes = {"auction_duration_ms": 1_000, "quantity_max_lots": 1_000_000, "notional_max_minor": 10**15}
        yield (SetMarketRules(market_id=market_id, **fees, **sizes, ts_ns=START_NS))
        state = {"market_state": MarketState.continuous, "market_id": market_id, "ts_ns": START_NS}
        yield (SetMarketState(reference_price_ticks=100_000, **state))
    half = account_count // 2
    for account_id in range(1, account_count + 1):
        facts = {"client_class": ClientClass.professional, "account_role": AccountRole.client, "owner_id": account_id}
        yield (OpenAccount(ts_ns=START_NS, leaf_salt=account_id, **facts))
        asset_id = 1 if account_id <= half else (account_id - half - 1) % market_count + 2
        location = CustodyLocation.bank if asset_id == 1 else CustodyLocation.cold
        funds = {"account_id": account_id, "asset_id": asset_id, "amount_minor": 10**18, "location": location}
        paid = document("deposit", account_id)
        yield (CreditDeposit(ts_ns=START_NS, evidence_hash=paid, **funds))


def view(commands: np.ndarray, record: str, field: str) -> np.ndarray:
    """Return a writable view of one field over an array of records."""
    offset, wire = next((offset, wire) for name, wire, _, offset in LAYOUT[record] if name == field)
    dtype = {"u8": "u1", "u32": "<u4", "u64": "<u8"}[wire]
    width = np.dtype(dtype).itemsize
    return commands[:, offset : offset + width].view(dtype)[:, 0]


def to_commands(
    records: np.ndarray,
    first_seq: int,
    stride: int,
    market_id: int,
    buyers: np.ndarray,
    sellers: np.ndarray,
    offset: int = 0,
    *,
    by_client: bool = False,
) -> np.ndarray:
    """Return the records of one market as commands, shape (n, 96).

    Record i becomes the command with number first_seq + offset + i * stride; orders are dealt to buyers and sellers in
    a fixed shuffle, and a cancel comes from the account that placed its target. With `by_client` it names the client's
    number, so that the flow stays the same where other commands come between; else the order's number.
    """
    count = len(records)
    out = np.zeros((count, RECORD_SIZE), np.uint8)
    is_cancel = records["type"] == 1
    seqs = first_seq + offset + np.arange(count, dtype=np.uint64) * stride
    seq_of = np.zeros(int(records["id"].max()) + 1, np.uint64)
    seq_of[records["id"][~is_cancel]] = seqs[~is_cancel]
    names = np.where(is_cancel, records["target"], records["id"])
    dealt = (names * np.uint64(2654435761)) >> np.uint64(7)
    accounts = np.where(records["side"] == 0, buyers[dealt % len(buyers)], sellers[dealt % len(sellers)])
    kinds = np.where(is_cancel, int(CommandKind.cancel_order), int(CommandKind.place_order)).astype("<u2")
    out[:, 0:2] = kinds.view(np.uint8).reshape(count, 2)
    view(out, "PlaceOrder", "ts_ns")[:] = START_NS + seqs * 1_000
    view(out, "PlaceOrder", "market_id")[:] = market_id
    view(out, "PlaceOrder", "account_id")[:] = accounts
    place = out[~is_cancel]
    fixed = {
        "order_type": OrderType.limit,
        "time_in_force": TimeInForce.gtc,
        "self_trade_prevention": SelfTradePrevention.expire_taker,
    }
    for field, value in fixed.items():
        view(place, "PlaceOrder", field)[:] = int(value)
    orders = records[~is_cancel]
    view(place, "PlaceOrder", "side")[:] = orders["side"] + int(Side.buy)
    view(place, "PlaceOrder", "client_order_id")[:] = orders["id"] * np.uint64(stride) + np.uint64(offset)
    view(place, "PlaceOrder", "price_ticks")[:] = orders["price"]
    view(place, "PlaceOrder", "quantity_lots")[:] = orders["quantity"]
    out[~is_cancel] = place
    cancel = out[is_cancel]
    targets = records["target"][is_cancel]
    if by_client:
        view(cancel, "CancelOrder", "client_order_id")[:] = targets * np.uint64(stride) + np.uint64(offset)
    else:
        view(cancel, "CancelOrder", "order_id")[:] = seq_of[targets]
    out[is_cancel] = cancel
    return out


def single_market(
    path: Path | None = None, account_count: int = 1_000, count: int = 1_000_000, *, by_client: bool = False
) -> Workload:
    """Return the neutral flow in one market; `by_client` as for `to_commands`."""
    records, expect = load(path, count=count)
    setup = setup_commands(1, account_count)
    half = account_count // 2
    accounts = np.arange(1, account_count + 1, dtype=np.uint32)
    first_seq = len(setup) // RECORD_SIZE + 1
    commands = to_commands(records, first_seq, 1, 1, accounts[:half], accounts[half:], by_client=by_client)
    preload = expect.get("preload", PRELOAD)
    return Workload(setup, commands[:preload].tobytes(), commands[preload:].tobytes(), expect)


def many_markets(market_count: int = 100, account_count: int = 100_000, count: int = 1_000_000) -> Workload:
    """Return one flow per market, each of its own seed, interleaved record by record."""
    setup = setup_commands(market_count, account_count)
    first_seq, half = len(setup) // RECORD_SIZE + 1, account_count // 2
    preload = 1_000
    flows, expect = [], {"trades": 0, "resting": 0, "volume": 0, "notional": 0}
    for market in range(market_count):
        blob, one = generate_records(count // market_count, preload, 7_000 + market)
        records = np.frombuffer(blob, RECORD)
        buyers = np.arange(1, half + 1, dtype=np.uint32)
        sellers = np.arange(half + 1 + market, account_count + 1, market_count, dtype=np.uint32)
        flows.append(to_commands(records, first_seq, market_count, market + 1, buyers, sellers, market))
        for key in expect:
            expect[key] += one[key]
    commands = np.stack(flows, axis=1).reshape(-1, RECORD_SIZE)
    split = preload * market_count
    return Workload(setup, commands[:split].tobytes(), commands[split:].tobytes(), expect)
