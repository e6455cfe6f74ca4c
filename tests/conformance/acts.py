"""Random commands of officers: assets, markets, parameters, accounts, time."""

from __future__ import annotations

from tarazy.domain.records import (
    AccountRole,
    AccountState,
    AdmitAsset,
    AdvanceTime,
    AssetStatus,
    MarketState,
    OpenAccount,
    OpenMarket,
    ParameterTable,
    RegisterAsset,
    RemoveAsset,
    SetAccountState,
    SetAccountTier,
    SetMarketRules,
    SetMarketState,
    SetParameter,
    SuspendAsset,
    TakeCheckpoint,
)

from .world import AMOUNT_MAX, World

U64_MAX = (1 << 64) - 1
CLOSED, PRE_OPEN, AUCTION, CONTINUOUS, HALTED = MarketState
ASSETS_MAX, MARKETS_MAX, ACCOUNTS_MAX = 12, 16, 120
CODES = tuple(b"BTC USD ETH KZT SOL EUR XRP ADA DOT LTC UNI TRX".split()) + (b"B\0C", b"b tc", b"")


# ---------------------------------------------------------------- assets
def register_asset(world: World) -> bytes:
    """Return a registration: of a new asset while there are few, else one that is refused."""
    number = len(world.assets) + 1
    code = CODES[number - 1] if number <= ASSETS_MAX else b"BTC"
    scales = world.shape.scales
    scale = scales[number % len(scales)]
    dice = world.rand()
    if dice < 0.3:
        code = CODES[world.below(len(CODES))]
    elif dice < 0.4 or number > ASSETS_MAX:
        scale = 25 + world.below(20)
    return RegisterAsset(1 + world.below(2), scale, world.tick(), code.ljust(16, b"\0"), bytes(16)).pack()


def admit_asset(world: World) -> bytes:
    """Return an admission, of an asset that waits for it where there is one."""
    waiting = [
        i for i, status in enumerate(world.assets, 1) if status in (AssetStatus.registered, AssetStatus.suspended)
    ]
    number = waiting[0] if waiting and world.chance(0.9) else world.any_asset()
    decision = world.new_hash() if world.chance(0.9) else bytes(32)
    return AdmitAsset(world.tick(), number, decision).pack()


def suspend_asset(world: World) -> bytes:
    """Return a suspension."""
    count = len(world.assets)
    number = 3 + world.below(count - 2) if count > 2 and world.chance(0.6) else world.any_asset()
    return SuspendAsset(world.tick(), number, world.new_hash()).pack()


def remove_asset(world: World) -> bytes:
    """Return a removal, of one of the last assets: the first two go on trading."""
    count = len(world.assets)
    number = 3 + world.below(count - 2) if count > 2 else 0
    return RemoveAsset(world.tick(), number, world.new_hash()).pack()


# ---------------------------------------------------------------- markets
def open_market(world: World) -> bytes:
    """Return a new market while there are few, else one that is refused."""
    lot, tick = world.shape.lot_size_minor, world.shape.tick_value_minor
    base, quote = world.any_asset(), world.any_asset()
    if len(world.markets) >= MARKETS_MAX:
        quote = base
    if world.chance(0.1):
        lot, tick = lot * world.below(2), tick * world.below(2)
    return OpenMarket(world.tick(), base, quote, lot, tick, world.new_hash()).pack()


def set_market_rules(world: World) -> bytes:
    """Return rules like those of the world's shape, at times ones that are out of range."""
    shape = world.shape
    without = [i for i, market in enumerate(world.markets, 1) if not market.takes_usual_orders]
    number = without[0] if without and world.chance(0.7) else world.any_market()
    unit = shape.price * shape.tick_value_minor
    rules = SetMarketRules(
        world.tick(),
        number,
        world.below(shape.fee_ppm + 1),
        world.below(shape.fee_ppm + 1),
        1 + shape.collar_ppm // (1 + world.below(3)),
        1 + shape.corridor_ppm // (1 + world.below(3)),
        1 + world.below(max(shape.step_ns // 200_000, 3)),
        U64_MAX if world.chance(0.1) else min(shape.lots * (2 + world.below(3)), U64_MAX),
        unit * world.below(2),
        min(unit * shape.lots * (2 + world.below(3)), AMOUNT_MAX),
    )
    if world.chance(0.15):
        field = ("maker_fee_ppm", "collar_ppm", "corridor_ppm", "auction_duration_ms", "quantity_max_lots")[
            world.below(5)
        ]
        rules = rules._replace(**{field: world.below(2) * 0xFFFFFFFF})
    return rules.pack()


def set_market_state(world: World) -> bytes:
    """Return a change of state: mostly towards trading, at times an auction, a halt, a close or one out of reach."""
    broken = [i for i, m in enumerate(world.markets, 1) if m.state in (CLOSED, HALTED) and m.takes_usual_orders]
    number = broken[world.below(len(broken))] if broken and world.chance(0.7) else world.any_market()
    market = world.markets[number - 1]
    state = 1 + world.below(5)
    if market.state == CONTINUOUS:
        state = (AUCTION, AUCTION, AUCTION, AUCTION, AUCTION, HALTED, CLOSED, PRE_OPEN)[world.below(8)]
    elif world.chance(0.8):
        state = AUCTION if market.state in (HALTED, PRE_OPEN) and world.chance(0.7) else CONTINUOUS
    ts_ns = world.tick()
    leads_to = end_ns = 0
    if state == AUCTION:
        leads_to = (CONTINUOUS, CONTINUOUS, CONTINUOUS, CLOSED)[world.below(4)]
        end_ns = world.later(60) if world.chance(0.7) else 0
    if world.chance(0.04):
        leads_to, end_ns = world.below(6), world.between(0, ts_ns)
    reference = market.price_ticks if world.chance(0.3) else 0
    return SetMarketState(state, leads_to, ts_ns, number, reference, end_ns).pack()


def set_parameter(world: World) -> bytes:
    """Return a parameter; limits are mostly lifted again."""
    table = list(ParameterTable)[world.below(len(ParameterTable))]
    key, value = 0, min(world.below(1_100_000), 1_000_000)
    if table == ParameterTable.fee_discount_ppm:
        key = world.below(17)
    elif table == ParameterTable.open_orders_max:
        value = 0 if world.chance(0.8) else 2 + world.below(40)
    elif table in (ParameterTable.clock_jump_max_ms, ParameterTable.instruction_validity_max_ms):
        value = 0 if world.chance(0.97) else 1 + world.below(world.shape.step_ns // 200 + 1)
    elif table == ParameterTable.evidence_horizon_days:
        value = world.below(3)
    elif table == ParameterTable.client_id_horizon_ms:
        value = min(world.below(400) * world.shape.step_ns // 1_000_000, 86_400_000)
    elif table in (ParameterTable.block_value_min_minor, ParameterTable.block_delay_ms):
        key = world.below(len(world.markets) + 2)
        value = 1 + world.below(50) if world.chance(0.6) else amount(world)
    else:
        key = world.below(len(world.assets) + 2)
        value = 0 if world.chance(0.7) else amount(world)
    if world.chance(0.05):
        value = world.between(0, (1 << 128) - 1)
    return SetParameter(table, world.tick(), key, 0, 0, value, world.new_hash()).pack()


def advance_time(world: World) -> bytes:
    """Return a moment, at times a much later one."""
    if world.chance(0.2):
        world.ts_ns = min(world.ts_ns + world.below(world.shape.step_ns * 200), U64_MAX)
    return AdvanceTime(world.tick()).pack()


def take_checkpoint(world: World) -> bytes:
    """Return a checkpoint."""
    return TakeCheckpoint(world.tick()).pack()


# ---------------------------------------------------------------- accounts
def open_account(world: World) -> bytes:
    """Return a new account while there are few, else one that is refused."""
    number = len(world.accounts) + 1
    dice = world.rand()
    role = AccountRole.house if dice < 0.05 else AccountRole.affiliate if dice < 0.2 else AccountRole.client
    approval = 900 + number if role == AccountRole.affiliate else 0
    if world.chance(0.03):
        approval = world.below(2)
    owner = 1 + world.below(world.shape.owners) if world.chance(0.97) and number <= ACCOUNTS_MAX else 0
    if world.chance(0.95 if role != AccountRole.client else 0.05):
        owner = 10_000 + world.below(5)
    tier = world.below(16) if world.chance(0.97) else 16 + world.below(240)
    salt = world.rng.getrandbits(128)
    return OpenAccount(1 + world.below(3), role, tier, world.tick(), owner, approval, salt).pack()


def set_account_state(world: World) -> bytes:
    """Return a change of an account's state, mostly back to active where one is not."""
    if world.inactive and world.chance(0.7):
        number = list(world.inactive)[world.below(len(world.inactive))]
        state = AccountState.active if world.chance(0.8) else 1 + world.below(4)
    else:
        number, state = world.any_account(), 1 + world.below(4)
    return SetAccountState(state, world.tick(), number, world.new_hash()).pack()


def set_account_tier(world: World) -> bytes:
    """Return a change of a fee tier."""
    return SetAccountTier(world.below(17), world.tick(), world.any_account()).pack()


# ---------------------------------------------------------------- amounts
def amount(world: World) -> int:
    """Return an amount that some dozens of usual orders need, at times nothing or a huge one."""
    shape = world.shape
    dice = world.rand()
    if dice < 0.01:
        return world.below(2)
    if dice < 0.02:
        return world.between(AMOUNT_MAX >> 2, AMOUNT_MAX + 1)
    usual = shape.lots * max(shape.lot_size_minor, shape.price * shape.tick_value_minor)
    return 1 + world.between(0, min(usual, AMOUNT_MAX >> 18))
