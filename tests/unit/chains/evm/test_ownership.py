"""Creator, holders, pools and locks of tokens on a development chain, and what is unknown when the node holds back."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tarazy.chains.errors import ReorganisedError
from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.holders import DEAD_ADDRESS, FOREVER_S
from tarazy.chains.evm.logs import Bounds
from tarazy.chains.evm.markets import KNOWN_MARKETS, Factory, Markets, Quote, known_markets
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.ownership import OwnershipOptions, OwnershipReading, read_ownership
from tarazy.chains.evm.state import ChainState
from tarazy.issuance.issue import create_time_lock, lock_tokens
from tarazy.screening.simulation import artifacts as simulation

from .... import servers
from ....devchain import DevChain
from ....servers import HostileNode

CONTRACTS = Path(__file__).parent / "contracts" / "artifacts"
LISTED, ODD, POSITIONS = (CONTRACTS / f"{name}.json" for name in ("Listed", "Odd", "Positions"))
SUPPLY = 10**24
ZERO = "0x" + "0" * 40
PRICE_ONE = 1 << 96


@dataclass
class Market:
    """A token that trades against a coin in a pair."""

    chain: DevChain
    token: str
    coin: str
    factory: str
    pair: str

    @property
    def options(self) -> OwnershipOptions:
        """Return where to look."""
        return OwnershipOptions(Markets((Factory("Own", "v2", self.factory),), (Quote("COIN", 18, self.coin),)))

    def read(self, options: OwnershipOptions | None = None, url: str | None = None) -> OwnershipReading:
        """Read the token's ownership at the newest block."""
        with Node(url or self.chain.url, timeout_s=5) as node:
            return read_ownership(ChainState(node, self.token), SUPPLY, options or self.options)


@pytest.fixture
def market(anvil: str) -> Market:
    """Return a token whose pair holds 1,000 and 500, made by account 1."""
    chain = DevChain(anvil)
    maker = chain.accounts[1]
    chain.mine(7)
    token = chain.deploy(LISTED, "Listed", SUPPLY, sender=maker)
    coin = chain.deploy(LISTED, "Listed", SUPPLY, sender=maker)
    factory = chain.deploy_code("0x" + simulation.creation("PairFactory").hex())
    chain.do(factory, "createPair(address,address)", token, coin)
    pair = f"0x{chain.view(factory, 'getPair(address,address)', token, coin):040x}"
    chain.do(token, "transfer(address,uint256)", pair, 1000 * 10**18, sender=maker)
    chain.do(coin, "transfer(address,uint256)", pair, 500 * 10**18, sender=maker)
    chain.do(pair, "mint(address)", maker)
    return Market(chain, token, coin, factory, pair)


def test_creator_owner_and_holders_are_found_and_add_up(market: Market) -> None:
    chain = market.chain
    chain.do(market.token, "transfer(address,uint256)", chain.accounts[5], 7, sender=chain.accounts[1])
    found = market.read()
    ownership = found.ownership
    assert found.unknown == ()
    assert ownership.creator_address == ownership.owner_address == chain.accounts[1]
    assert ownership.creator_balance == ownership.owner_balance == SUPPLY - 1000 * 10**18 - 7
    assert ownership.holder_count == 3
    assert [(each.address, each.tag) for each in ownership.holders] == [
        (chain.accounts[1], "owner"),
        (market.pair, "pool Own"),
        (chain.accounts[5], ""),
    ]
    assert sum(each.balance for each in ownership.holders) == SUPPLY
    assert [each.percent_ppm for each in ownership.holders] == [998_999, 1_000, 0]
    assert [each.is_contract for each in ownership.holders] == [False, True, False]
    assert ownership.source == "node"


def test_creation_names_block_and_transaction(market: Market) -> None:
    found = market.read().creation
    block = market.chain.ask("eth_getBlockByNumber", "0x8", False)
    assert (found.block_number, found.transaction, found.factory) == (8, block["transactions"][0], None)


def test_contract_made_by_a_contract_has_the_sender_as_creator_and_names_the_factory(anvil: str) -> None:
    chain = DevChain(anvil)
    maker = chain.deploy(ODD, "Maker")
    chain.mine(20)
    made = chain.do(maker, "make()", sender=chain.accounts[6])
    token = f"0x{chain.view(maker, 'made()'):040x}"
    chain.mine(5)
    with Node(anvil) as node:
        found = read_ownership(ChainState(node, token), 1, OwnershipOptions(Markets())).creation
    assert (found.creator, found.factory) == (chain.accounts[6], maker)
    assert found.transaction == made["transactionHash"]


def test_contract_made_with_a_salt_is_found_by_its_first_log(market: Market) -> None:
    with Node(market.chain.url) as node:
        found = read_ownership(ChainState(node, market.pair), None, OwnershipOptions(Markets())).creation
    assert found.creator == market.chain.accounts[0]
    assert found.factory == market.factory


def test_pool_shows_its_liquidity_and_who_holds_the_lp_token(market: Market) -> None:
    (pool,) = market.read().ownership.pools or ()
    assert (pool.address, pool.name, pool.quote) == (market.pair, "Own", market.coin)
    assert pool.liquidity_minor == 500 * 10**18
    assert pool.lp_total_supply == market.chain.view(market.pair, "totalSupply()")
    assert [(each.address, each.tag, each.is_locked) for each in pool.lp_holders] == [
        (market.chain.accounts[1], "", False),
        (ZERO, "burned", True),
    ]
    assert pool.lp_holders[0].percent_ppm == 999_999
    assert pool.lp_holders[1].locks == ((1000, 0, FOREVER_S),)


def test_burned_lp_is_locked_for_ever_and_a_known_lock_until_its_end(market: Market) -> None:
    chain = market.chain
    lock = chain.deploy(POSITIONS, "Lock")
    all_of_it = chain.view(market.pair, "balanceOf(address)", chain.accounts[1])
    for holder, amount in ((DEAD_ADDRESS, all_of_it // 2), (lock, all_of_it // 4)):
        chain.do(market.pair, "transfer(address,uint256)", holder, amount, sender=chain.accounts[1])

    def read_lock(state: ChainState, holder: str, token: str) -> tuple[tuple[int, int, int], ...] | None:
        return ((all_of_it // 4, 0, 2_000_000_000),) if (holder, token) == (lock, market.pair) else None

    options = OwnershipOptions(market.options.markets, lock_readers=(read_lock,))
    (pool,) = market.read(options).ownership.pools or ()
    found = {each.address: (each.is_locked, each.locks) for each in pool.lp_holders}
    assert found[DEAD_ADDRESS] == (True, ((all_of_it // 2, 0, FOREVER_S),))
    assert found[lock] == (True, ((all_of_it // 4, 0, 2_000_000_000),))
    assert found[chain.accounts[1]] == (False, ())


def test_lp_tokens_in_our_own_time_lock_are_locked_until_its_end(market: Market) -> None:
    chain, maker = market.chain, market.chain.accounts[1]
    now = int(chain.ask("eth_getBlockByNumber", "latest", False)["timestamp"], 16)
    part = chain.view(market.pair, "balanceOf(address)", maker) // 2
    with Node(chain.url) as node:
        lock = create_time_lock(node, maker).address
        lock_tokens(node, maker, lock, market.pair, part, now + 10_000)
    (pool,) = market.read().ownership.pools or ()
    found = {each.address: (each.is_locked, each.locks) for each in pool.lp_holders}[lock]
    assert found[0] is True
    assert [(amount, end_s) for amount, _, end_s in found[1]] == [(part, now + 10_000)]
    chain.mine(1, seconds=20_000)
    (pool,) = market.read().ownership.pools or ()
    assert {each.address: each.is_locked for each in pool.lp_holders}[lock] is False


def test_contract_that_no_reader_knows_is_neither_locked_nor_free(market: Market) -> None:
    lock = market.chain.deploy(POSITIONS, "Lock")
    market.chain.do(market.pair, "transfer(address,uint256)", lock, 10**18, sender=market.chain.accounts[1])
    (pool,) = market.read().ownership.pools or ()
    assert {each.address: each.is_locked for each in pool.lp_holders}[lock] is None


def test_pool_with_an_unknown_coin_is_found_in_the_factorys_logs(market: Market) -> None:
    other = market.chain.deploy(LISTED, "Listed", SUPPLY, sender=market.chain.accounts[1])
    market.chain.do(market.factory, "createPair(address,address)", other, market.token)
    options = OwnershipOptions(market.options.markets, with_pool_logs=True)
    assert {each.quote for each in market.read(options).ownership.pools or ()} == {market.coin, other}
    assert {each.quote for each in market.read().ownership.pools or ()} == {market.coin}


def test_given_pair_is_read_and_one_that_is_no_pool_is_named(market: Market) -> None:
    given = Markets(pairs=(market.pair, market.coin))
    found = market.read(OwnershipOptions(given))
    assert [each.address for each in found.ownership.pools or ()] == [market.pair]
    assert any(f"{market.coin} is no pool of the token" in each for each in found.unknown)


def test_chain_without_known_markets_has_unknown_pools_not_none(market: Market) -> None:
    found = market.read(OwnershipOptions())
    assert found.ownership.pools is None
    assert any("no market of chain 31337" in each for each in found.unknown)


def test_positions_of_a_concentrated_pool_belong_to_whoever_holds_their_number(market: Market) -> None:
    chain, maker = market.chain, market.chain.accounts[1]
    factory = chain.deploy_code("0x" + simulation.creation("RangeFactory").hex())
    chain.do(factory, "createPool(address,address,uint24)", market.token, market.coin, 3000)
    pool = f"0x{chain.view(factory, 'getPool(address,address,uint24)', market.token, market.coin, 3000):040x}"
    chain.do(pool, "initialize(uint160)", PRICE_ONE)
    manager = chain.deploy(POSITIONS, "Positions")
    for token in (market.token, market.coin):
        chain.do(token, "approve(address,uint256)", manager, SUPPLY, sender=maker)
    for amount in (3 * 10**18, 10**18):
        chain.do(manager, "open(address,uint128)", pool, amount, sender=maker)
    chain.do(manager, "hand(uint256,address)", 1, DEAD_ADDRESS, sender=maker)
    markets = Markets((Factory("Range", "v3", factory),), (Quote("COIN", 18, market.coin),))
    (found,) = market.read(OwnershipOptions(markets)).ownership.pools or ()
    assert (found.address, found.name, found.lp_total_supply) == (pool, "Range", 4 * 10**18)
    assert found.liquidity_minor == chain.view(market.coin, "balanceOf(address)", pool)
    assert [(each.address, each.percent_ppm, each.is_locked) for each in found.lp_holders] == [
        (DEAD_ADDRESS, 750_000, True),
        (maker, 250_000, False),
    ]
    assert found.lp_holders[1].tag == "NFT 2"


def test_false_logs_show_no_false_balances_and_silent_balances_are_reported_missing(anvil: str) -> None:
    chain = DevChain(anvil)
    silent, loud = "0x" + "51" * 20, "0x" + "10" * 20
    token = chain.deploy(POSITIONS, "Liar", silent, loud)
    with Node(anvil) as node:
        found = read_ownership(ChainState(node, token), 1000, OwnershipOptions(Markets()))
    assert [(each.address, each.balance) for each in found.ownership.holders] == [(chain.accounts[0], 100)]
    assert found.ownership.holder_count is None
    assert any("add up to 100, the token says its supply is 1000" in each for each in found.unknown)


def limited(range_max: int) -> servers.Behaviour:
    """Refuse logs over more blocks than this, as public nodes do."""

    def behave(handler: Any, request: Any) -> None:
        if isinstance(request, dict) and request["method"] == "eth_getLogs":
            asked = request["params"][0]
            if int(asked["toBlock"], 16) - int(asked["fromBlock"], 16) >= range_max:
                handler.answer(
                    b'{"jsonrpc":"2.0","id":%d,"error":{"code":-32005,"message":"too many results"}}' % request["id"]
                )
                return
        servers.honest(handler, request)

    return behave


def test_logs_are_read_in_chunks_that_the_node_allows(market: Market, hostile_node: HostileNode) -> None:
    market.chain.mine(200)
    hostile_node.upstream = market.chain.url
    hostile_node.behave = limited(16)
    found = market.read(url=hostile_node.url)
    assert found.ownership == market.read().ownership
    assert found.unknown == ()
    asked = [each for each in hostile_node.requests if isinstance(each, dict) and each["method"] == "eth_getLogs"]
    assert len(asked) < 100


@pytest.mark.parametrize(
    ("bounds", "reason"),
    [
        (Bounds(requests_max=3), "more than 3 requests"),
        (Bounds(logs_max=1), "more than 1 logs"),
        (Bounds(seconds=0), "more than 0 seconds"),
        (Bounds(holders_max=1), "of which 1 were asked"),
    ],
    ids=["requests", "logs", "seconds", "holders"],
)
def test_bound_that_is_reached_makes_the_count_unknown_with_the_reason(
    market: Market, hostile_node: HostileNode, bounds: Bounds, reason: str
) -> None:
    market.chain.mine(200)
    hostile_node.upstream = market.chain.url
    hostile_node.behave = limited(16)
    found = market.read(OwnershipOptions(market.options.markets, bounds=bounds), hostile_node.url)
    assert found.ownership.holder_count is None
    assert any(reason in each for each in found.unknown)


def test_node_without_old_state_leaves_the_creator_unknown_and_still_finds_holders(
    market: Market, hostile_node: HostileNode
) -> None:
    newest = market.chain.number

    def prune(handler: Any, request: Any) -> None:
        if isinstance(request, dict) and request["method"] == "eth_getCode" and request["params"][1] != hex(newest):
            handler.answer(
                b'{"jsonrpc":"2.0","id":%d,"error":{"code":-32000,"message":"missing trie node"}}' % request["id"]
            )
            return
        servers.honest(handler, request)

    hostile_node.upstream = market.chain.url
    hostile_node.behave = prune
    found = market.read(url=hostile_node.url)
    assert found.ownership.creator_address is None
    assert any("creator is unknown" in each and "missing trie node" in each for each in found.unknown)
    assert found.ownership.holder_count == 2


def test_chain_that_reorganises_under_the_reading_is_an_error(market: Market) -> None:
    market.chain.mine(2)
    with Node(market.chain.url) as node:
        state = ChainState(node, market.token)
        market.chain.reorganise(1)
        with pytest.raises(ReorganisedError):
            read_ownership(state, SUPPLY, market.options)


def test_address_without_code_has_no_creator(anvil: str) -> None:
    with Node(anvil) as node:
        found = read_ownership(ChainState(node, "0x" + "77" * 20), None, OwnershipOptions(Markets()))
    assert found.creation.reason == "there is no code"
    assert found.ownership.creator_address is None


def checksum(address: str) -> str:
    """Return an address with its EIP-55 letters."""
    digest = keccak256(address[2:].lower().encode()).hex()
    pairs = zip(address[2:].lower(), digest, strict=False)
    return "0x" + "".join(letter.upper() if int(digit, 16) >= 8 else letter for letter, digit in pairs)


def test_addresses_of_known_markets_carry_right_check_letters() -> None:
    written = re.findall(r"0x[0-9a-fA-F]{40}", KNOWN_MARKETS.read_text())
    assert len(written) > 20
    assert [each for each in written if checksum(each) != each] == []
    assert set(known_markets()) == {1, 56, 137, 8453, 42161}
