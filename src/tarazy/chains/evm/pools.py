"""Pools in which a token trades: found through factories, logs or as given, with liquidity, LP holders and their locks.

Pairs of the V2 kind have an LP token, whose holders are read like any token's. Pools of the V3 kind have positions;
they are read from the pool's own logs, and through a position manager where one holds them for its users.
Known limits: liquidity is what lies in the pool of the quote coin, whether in range or not; fees not yet collected
count as liquidity.
Source: interfaces of Uniswap V2 and V3 (events and views).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from tarazy.chains.evm import abi, values
from tarazy.chains.evm.blocks import ChainLog
from tarazy.chains.evm.facts import HolderShare, PoolFacts
from tarazy.chains.evm.holders import BURNED, TOP, balances_of, read_holders, share
from tarazy.chains.evm.logs import DEFAULT_BOUNDS, Bounds, scan_logs
from tarazy.chains.evm.markets import Factory, Markets
from tarazy.chains.evm.state import ChainState

PAIR_CREATED = "PairCreated(address,address,address,uint256)"
POOL_CREATED = "PoolCreated(address,address,uint24,int24,address)"
MINT = "Mint(address,address,int24,int24,uint128,uint256,uint256)"
BURN = "Burn(address,int24,int24,uint128,uint256,uint256)"
INCREASE = "IncreaseLiquidity(uint256,uint128,uint256,uint256)"
POSITION_LIQUIDITY_WORD = 7
POSITIONS_MAX = 50

Lock = tuple[int, int, int]  # (amount, start_s, end_s)
# (state, holder, token) -> the locks that the holder keeps on the token, or None where it is no lock of a known kind.
LockReader = Callable[[ChainState, str, str], tuple[Lock, ...] | None]


@dataclass(frozen=True, slots=True)
class FoundPool:
    """One pool found: its address, kind and the name of where it was found."""

    address: str
    kind: str
    name: str


@dataclass
class PoolReader:
    """Reads the pools of one token. `unknown` collects what could not be read, in sentences."""

    state: ChainState
    markets: Markets
    first_block: int  # before it the token was not there
    bounds: Bounds = DEFAULT_BOUNDS
    lock_readers: Sequence[LockReader] = ()
    unknown: list[str] = field(default_factory=list)

    def read(self, with_logs: bool = False) -> tuple[PoolFacts, ...]:
        """Return every pool, the one with the most liquidity first.

        Raises: NodeError.
        """
        facts = [each for each in map(self.facts, self.find(with_logs)) if each is not None]
        return tuple(sorted(facts, key=lambda each: (-each.liquidity_minor, each.address)))

    def find(self, with_logs: bool) -> list[FoundPool]:
        """Return the pools that factories name for the known quotes, that their logs name, and that were given."""
        found: dict[str, FoundPool] = {each: FoundPool(each, "v2", "pair as given") for each in self.markets.pairs}
        for factory in self.markets.factories:
            for address in self.named(factory) + (self.logged(factory) if with_logs else []):
                found.setdefault(address, FoundPool(address, factory.kind, factory.name))
        return list(found.values())

    def named(self, factory: Factory) -> list[str]:
        """Ask a factory for the pools with each quote."""
        found = []
        for quote in self.markets.quotes:
            if quote.address == self.state.address:
                continue
            if factory.kind == "v2":
                calls = [abi.call_data("getPair(address,address)", self.state.address, quote.address)]
            else:
                signature = "getPool(address,address,uint24)"
                calls = [abi.call_data(signature, self.state.address, quote.address, fee) for fee in factory.fees]
            answers = [abi.address(self.state.call(each, factory.address) or b"") for each in calls]
            found += [each for each in answers if each and each != values.ZERO_ADDRESS]
        return found

    def logged(self, factory: Factory) -> list[str]:
        """Read from a factory's logs the pools with any coin."""
        event, place = (PAIR_CREATED, 0) if factory.kind == "v2" else (POOL_CREATED, 1)
        me = values.as_hex(values.word_of_address(self.state.address))
        found = []
        for topics in ([abi.topic(event), me], [abi.topic(event), None, me]):
            scan = scan_logs(
                self.state.node, factory.address, topics, self.first_block, self.state.block.number, self.bounds
            )
            if scan.reason:
                self.unknown.append(f"not all pools of {factory.name} were read: {scan.reason}")
            found += [word_address(log, place) for log in scan.logs]
        return [each for each in found if each is not None]

    def facts(self, found: FoundPool) -> PoolFacts | None:
        """Describe one pool, or say why it is none."""
        sides = [self.ask_address(found.address, f"token{side}()") for side in (0, 1)]
        if self.state.address not in sides or None in sides:
            self.unknown.append(f"{found.address} is no pool of the token: its sides are {sides[0]} and {sides[1]}")
            return None
        quote = sides[1 - sides.index(self.state.address)]
        assert quote is not None  # noqa: S101 - no side is None here
        held = balances_of(self.state, quote, [found.address]).get(found.address)
        if held is None:
            self.unknown.append(f"liquidity of {found.address} is unknown: {quote} does not say what the pool holds")
            return None
        if found.kind == "v2":
            supply = self.ask_number(found.address, "totalSupply()")
            return PoolFacts(found.address, found.name, quote, held, supply, self.lp_holders(found.address, supply))
        liquidity = self.ask_number(found.address, "liquidity()")
        return PoolFacts(found.address, found.name, quote, held, liquidity, self.positions(found.address))

    def lp_holders(self, pool: str, supply: int | None) -> tuple[HolderShare, ...]:
        """Return who holds most of an LP token, with locks."""
        holding = read_holders(self.state, pool, supply, self.first_block, sorted(BURNED), self.bounds)
        if holding.reason:
            self.unknown.append(f"LP holders of {pool} are not complete: {holding.reason}")
        return tuple(
            share(self.state, each, amount, supply, locks=self.locks(each, pool))
            for each, amount in holding.balances[:TOP]
        )

    def locks(self, holder: str, pool: str) -> tuple[Lock, ...] | None:
        """Return the locks that a holder keeps on the pool's LP token."""
        return read_locks(self.state, holder, pool, self.lock_readers)

    def positions(self, pool: str) -> tuple[HolderShare, ...]:
        """Return the largest positions of a V3 pool by liquidity."""
        topics = [[abi.topic(MINT), abi.topic(BURN)]]
        scan = scan_logs(self.state.node, pool, topics, self.first_block, self.state.block.number, self.bounds)
        if scan.reason:
            self.unknown.append(f"positions of {pool} are not complete: {scan.reason}")
        direct, through = position_owners(scan.logs)
        shares: dict[tuple[str, str], int] = {}
        for owner, amount in direct.items():
            transactions = [log.transaction for log in through if log.topics[1][-40:] == owner[2:]]
            numbers = self.position_numbers(owner, transactions) if self.state.code(owner) else []
            for number in numbers:
                holder, liquidity = self.position(owner, number)
                if liquidity:
                    shares[holder, f"NFT {number}"] = liquidity
            if not numbers and amount > 0:
                shares[owner, ""] = amount
        total = sum(shares.values())
        largest = sorted(shares.items(), key=lambda pair: (-pair[1], pair[0]))[:TOP]
        return tuple(
            share(self.state, owner, amount, total, tag, self.locks(owner, pool)) for (owner, tag), amount in largest
        )

    def position_numbers(self, manager: str, transactions: list[str]) -> list[int]:
        """Return the numbers of the positions that a manager made or enlarged in these transactions."""
        distinct = list(dict.fromkeys(transactions))
        if len(distinct) > POSITIONS_MAX:
            self.unknown.append(f"of {len(distinct)} transactions of {manager} {POSITIONS_MAX} were read for positions")
        found: dict[int, None] = {}
        for each in distinct[:POSITIONS_MAX]:
            receipt = self.state.node.receipt(each)
            for log in receipt.logs if receipt else ():
                if log.address == manager and len(log.topics) == 2 and log.topics[0] == abi.topic(INCREASE):
                    found[int(log.topics[1], 16)] = None
        return list(found)

    def position(self, manager: str, number: int) -> tuple[str, int]:
        """Return owner and liquidity of a manager's position; zero liquidity where it is gone."""
        answer = abi.words(self.state.call(abi.call_data("positions(uint256)", number), manager) or b"")
        owner = abi.address(self.state.call(abi.call_data("ownerOf(uint256)", number), manager) or b"")
        if owner is None or len(answer) <= POSITION_LIQUIDITY_WORD:
            return manager, 0
        return owner, answer[POSITION_LIQUIDITY_WORD]

    def ask_address(self, to: str, signature: str) -> str | None:
        """Return the address that a view answers."""
        return abi.address(self.state.call(abi.selector(signature), to) or b"")

    def ask_number(self, to: str, signature: str) -> int | None:
        """Return the number that a view answers."""
        return abi.number(self.state.call(abi.selector(signature), to) or b"")


def read_locks(state: ChainState, holder: str, token: str, readers: Sequence[LockReader]) -> tuple[Lock, ...] | None:
    """Return the locks of a holder that is a lock contract of a known kind, None where it is none."""
    if not readers or not state.code(holder):
        return None
    return next((each for each in (read(state, holder, token) for read in readers) if each is not None), None)


def word_address(log: ChainLog, place: int) -> str | None:
    """Return the address in a word of a log's data."""
    return abi.address(log.data[32 * place : 32 * place + 32])


def position_owners(logs: Sequence[ChainLog]) -> tuple[Counter[str], list[ChainLog]]:
    """Return the liquidity that each owner has by the pool's own logs, and the logs that added some."""
    owned: Counter[str] = Counter()
    added = []
    for log in logs:
        if len(log.topics) != 4:
            continue
        owner = "0x" + log.topics[1][-40:]
        words = abi.words(log.data)
        if log.topics[0] == abi.topic(MINT) and len(words) == 4:
            owned[owner] += words[1]
            added.append(log)
        elif log.topics[0] == abi.topic(BURN) and len(words) == 3:
            owned[owner] -= words[0]
    return owned, added
