"""The commands that set a random world up: assets, markets with rules, accounts, deposits, first states."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256

from tarazy.domain.records import (
    RECORD_SIZE,
    AccountRole,
    AdmitAsset,
    AssetKind,
    MarketState,
    OpenAccount,
    OpenMarket,
    PresentInstruction,
    RegisterAsset,
    SetMarketRules,
    SetMarketState,
)

from .acts import AMOUNT_MAX, CODES
from .custody_acts import deposit
from .officers import genesis
from .world import World

HOUSE, AFFILIATES = 1, (2, 3)


def stages(world: World) -> Iterator[bytes]:
    """Yield batches; each may need what the events of the one before told."""
    yield genesis(world)
    yield covered(world, assets(world))
    yield covered(world, markets(world))
    yield covered(world, accounts(world))
    yield covered(world, deposits(world))
    yield covered(
        world,
        (
            SetMarketState(MarketState.continuous, 0, world.ts_ns, number, world.shape.price).pack()
            for number in range(1, len(world.markets) + 1)
        ),
    )


def covered(world: World, records: Iterator[bytes]) -> bytes:
    """Return records behind one instruction of the first two officers that covers them all."""
    begin_ns, commands = world.ts_ns, b"".join(records)
    world.instructions += 1
    keys = b"".join(officer.public_key for officer in world.officers[:2])
    terms = (len(commands) // RECORD_SIZE, world.instructions, begin_ns + 86_400_000_000_000)
    return PresentInstruction(begin_ns, 1, 2, *terms, sha256(keys).digest()).pack() + commands


def assets(world: World) -> Iterator[bytes]:
    """Register and admit the world's assets."""
    for number, scale in enumerate(world.shape.scales, 1):
        code = CODES[number - 1].ljust(16, b"\0")
        kind = AssetKind.fiat if number == 2 else AssetKind.digital
        yield RegisterAsset(kind, scale, world.ts_ns, code, bytes(16)).pack()
        yield AdmitAsset(world.ts_ns, number, new_hash(world)).pack()


def markets(world: World) -> Iterator[bytes]:
    """Open the world's markets: every asset against the second one, the second against the first."""
    shape = world.shape
    for number in range(1, shape.markets + 1):
        base = 1 + (number - 1) % len(shape.scales)
        quote = 1 if base == 2 else 2
        sizes = (shape.lot_size_minor, shape.tick_value_minor)
        yield OpenMarket(world.ts_ns, base, quote, *sizes, new_hash(world)).pack()
        fees = (shape.fee_ppm // 2, shape.fee_ppm)
        bands = (shape.collar_ppm, shape.corridor_ppm)
        duration_ms = 1 + shape.step_ns // 200_000
        maximum = min(shape.lots * 4, (1 << 64) - 1)
        yield SetMarketRules(world.ts_ns, number, *fees, *bands, duration_ms, maximum, 1, AMOUNT_MAX).pack()


def accounts(world: World) -> Iterator[bytes]:
    """Open the world's accounts: one of the house, two of affiliates, clients."""
    for number in range(1, world.shape.accounts + 1):
        role = AccountRole.client
        if number == HOUSE:
            role = AccountRole.house
        elif number in AFFILIATES:
            role = AccountRole.affiliate
        approval = 900 + number if role == AccountRole.affiliate else 0
        owner = 10_000 + number if role != AccountRole.client else 1 + number % world.shape.owners
        yield OpenAccount(
            1 + number % 3, role, number % 16, world.ts_ns, owner, approval, world.rng.getrandbits(128)
        ).pack()


def deposits(world: World) -> Iterator[bytes]:
    """Give every client enough for some hundreds of usual orders."""
    shape = world.shape
    usual = shape.lots * max(shape.lot_size_minor, shape.price * shape.tick_value_minor)
    minor = min(usual * 300, AMOUNT_MAX // (4 * shape.accounts))
    for account in range(2, shape.accounts + 1):
        for asset in range(1, len(shape.scales) + 1):
            yield deposit(world, account, asset, minor)


def new_hash(world: World) -> bytes:
    """Return a hash that was not used before."""
    world.hashes += 1
    return world.hashes.to_bytes(8, "little") * 4
