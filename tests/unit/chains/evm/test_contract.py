"""Contracts of many makes on a real chain: proxies are resolved, odd tokens are read as far as they answer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tarazy.chains import errors
from tarazy.chains.evm.code import keccak256
from tarazy.chains.evm.contract import ContractReading, is_no_one, read_contract
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.proxies import (
    IMPLEMENTATION_SLOT,
    OLD_IMPLEMENTATION_SLOT,
    PROXIABLE_SLOT,
    SlotReader,
    fixed_target,
)
from tarazy.chains.evm.state import ChainState
from tarazy.screening.bytecode.delegation import target_slots
from tarazy.screening.bytecode.facts import analyse

from .... import servers
from ....devchain import DevChain
from ....servers import HostileNode, running_anvil

CONTRACTS = Path(__file__).parent / "contracts" / "artifacts"
LISTED, PROXIES, ODD = (CONTRACTS / f"{name}.json" for name in ("Listed", "Proxies", "Odd"))
SUPPLY = 10**24
OWN_SLOT = 0x1234567


@pytest.fixture(scope="module")
def chain(anvil_session: str) -> DevChain:
    """Return a chain with money on it."""
    return DevChain(anvil_session)


@pytest.fixture(scope="module")
def token(chain: DevChain) -> str:
    """Return a token that stands behind nothing."""
    return chain.deploy(LISTED, "Listed", SUPPLY)


def read(chain: DevChain, address: str, slots_of: SlotReader = target_slots) -> ContractReading:
    """Read a contract at the newest block."""
    with Node(chain.url) as node:
        return read_contract(node, address, target_slots=slots_of)


def test_plain_token_is_read_as_it_says(chain: DevChain, token: str) -> None:
    found = read(chain, token)
    assert (found.token.name, found.token.symbol, found.token.decimals) == ("Listed token", "LST", 18)
    assert found.token.total_supply == SUPPLY
    assert found.owner == chain.accounts[0]
    assert found.proxies == ()
    assert found.implementation_code == found.code != b""
    assert found.unknown == ()
    assert found.chain_id == 31337


def test_account_without_code_has_no_code_and_no_owner(chain: DevChain) -> None:
    found = read(chain, "0x" + "99" * 20)
    assert (found.code, found.owner, found.token.name) == (b"", "", None)


def test_owner_that_was_given_up_is_no_one(chain: DevChain) -> None:
    token = chain.deploy(LISTED, "Listed", SUPPLY)
    chain.do(token, "setOwner(address)", 0)
    found = read(chain, token)
    assert found.owner == "0x" + "0" * 40
    assert is_no_one(found.owner)
    assert not is_no_one(None)


MINIMAL: dict[str, Callable[[str], bytes]] = {
    "erc1167": lambda to: bytes.fromhex(f"363d3d373d3d3d363d73{to[2:]}5af43d82803e903d91602b57fd5bf3"),
    "shorter": lambda to: bytes.fromhex(f"3d3d3d3d363d3d37363d73{to[2:]}5af43d3d93803e602a57fd5bf3"),
    "push0": lambda to: bytes.fromhex(f"365f5f375f5f365f73{to[2:]}5af43d5f5f3e5f3d91602a57fd5bf3"),
    "of Vyper": lambda to: bytes.fromhex(f"366000600037611000600036600073{to[2:]}5af4602c57600080fd5b6110006000f3"),
}


@pytest.mark.parametrize("make", MINIMAL.values(), ids=MINIMAL)
def test_minimal_proxy_leads_to_the_code_it_holds(chain: DevChain, token: str, make: Callable[[str], bytes]) -> None:
    found = read(chain, chain.deploy_runtime(make(token)))
    assert [each.kind for each in found.proxies] == ["minimal"]
    assert found.implementation == token
    assert found.implementation_code == read(chain, token).code
    assert found.proxies[0].slot is None


@pytest.mark.parametrize(
    ("kind", "slot"),
    [
        ("erc1967", IMPLEMENTATION_SLOT),
        ("erc1822", PROXIABLE_SLOT),
        ("zeppelinos", OLD_IMPLEMENTATION_SLOT),
    ],
)
def test_proxy_of_a_known_slot_is_resolved_with_admin_and_the_admins_owner(
    chain: DevChain, token: str, kind: str, slot: int
) -> None:
    admin = chain.deploy(PROXIES, "Admin", sender=chain.accounts[3])
    found = read(chain, chain.deploy(PROXIES, "SlotProxy", slot, token, admin)).proxies
    assert len(found) == 1
    assert (found[0].kind, found[0].implementation, found[0].slot) == (kind, token, slot)
    assert (found[0].admin, found[0].admin_owner) == (admin, chain.accounts[3])


def test_slot_numbers_are_those_of_the_standards() -> None:
    assert hex(IMPLEMENTATION_SLOT) == "0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc"
    assert hex(PROXIABLE_SLOT) == "0xc5f16f0fcc639fa48a6947836d9850f504798523bf8c9a3a87d5876cf622bcf7"
    assert hex(OLD_IMPLEMENTATION_SLOT) == "0x7050c9e0f4ca769c69bd3a8ef740bc37934f8e2c036e5a723fd8ee048ed3f8c3"


def test_beacon_proxy_is_resolved_through_its_beacon(chain: DevChain, token: str) -> None:
    beacon = chain.deploy(PROXIES, "Beacon", token, sender=chain.accounts[4])
    (found,) = read(chain, chain.deploy(PROXIES, "BeaconProxy", beacon)).proxies
    assert (found.kind, found.implementation, found.beacon) == ("beacon", token, beacon)
    assert found.beacon_owner == chain.accounts[4]


def test_proxy_that_shows_its_target_is_resolved_by_asking(chain: DevChain, token: str) -> None:
    (found,) = read(chain, chain.deploy(PROXIES, "ShowingProxy", token)).proxies
    assert (found.kind, found.implementation) == ("erc897", token)


@pytest.mark.parametrize("slot", [0, OWN_SLOT])
def test_target_in_any_slot_is_found_where_the_code_takes_it_from(chain: DevChain, token: str, slot: int) -> None:
    (found,) = read(chain, chain.deploy(PROXIES, "SlotProxy", slot, token, 0)).proxies
    assert (found.kind, found.implementation, found.slot, found.admin) == ("slot", token, slot, None)


def test_target_that_is_computed_is_unknown_until_its_slot_is_given(chain: DevChain, token: str) -> None:
    proxy = chain.deploy(PROXIES, "ComputedProxy", token)
    blind = read(chain, proxy)
    assert blind.proxies == ()
    assert any("can delegate calls" in each for each in blind.unknown)
    slot = int.from_bytes(keccak256(chain_word(31337) + chain_word(0)), "big")
    (found,) = read(chain, proxy, lambda code: (slot,)).proxies
    assert (found.kind, found.implementation, found.slot) == ("slot", token, slot)


def chain_word(number: int) -> bytes:
    """Return a number as 32 bytes."""
    return number.to_bytes(32, "big")


def test_proxy_behind_a_proxy_is_followed_to_the_code_that_runs(chain: DevChain, token: str) -> None:
    inner = MINIMAL["erc1167"](token)
    proxy = chain.deploy(PROXIES, "SlotProxy", IMPLEMENTATION_SLOT, chain.deploy_runtime(inner), 0)
    found = read(chain, proxy)
    assert [each.kind for each in found.proxies] == ["erc1967", "minimal"]
    assert found.implementation == token


def test_proxies_in_a_circle_end(chain: DevChain) -> None:
    first = chain.deploy(PROXIES, "SlotProxy", IMPLEMENTATION_SLOT, 1, chain.accounts[0])
    second = chain.deploy_runtime(MINIMAL["erc1167"](first))
    chain.do(first, "upgradeTo(address)", second)
    assert len(read(chain, first).proxies) <= 4


def test_token_behind_a_proxy_shows_the_proxys_own_state(chain: DevChain, token: str) -> None:
    proxy = chain.deploy(PROXIES, "SlotProxy", IMPLEMENTATION_SLOT, token, 0)
    chain.do(proxy, "init(uint256)", 77, sender=chain.accounts[5])
    found = read(chain, proxy)
    assert found.token.total_supply == 77
    assert found.owner == chain.accounts[5]


def test_slot_of_a_token_that_cannot_delegate_is_no_proxy() -> None:
    assert fixed_target(bytes.fromhex("73" + "ab" * 20 + "00")) is None


def test_token_of_old_style_is_read(chain: DevChain) -> None:
    found = read(chain, chain.deploy(ODD, "OldStyle"))
    assert (found.token.name, found.token.symbol) == ("Old token", "OLD")
    assert found.owner == chain.accounts[0]


def test_view_that_uses_up_all_gas_or_lies_about_decimals_is_unknown(chain: DevChain) -> None:
    token = read(chain, chain.deploy(ODD, "OldStyle")).token
    assert (token.decimals, token.total_supply) == (None, None)


def test_nonsense_is_no_name_no_owner(chain: DevChain) -> None:
    found = read(chain, chain.deploy(ODD, "Nonsense"))
    assert (found.token.name, found.token.decimals, found.owner) == (None, None, "")


def test_text_of_a_token_is_cut_and_stripped_of_control_characters(chain: DevChain) -> None:
    found = read(chain, chain.deploy(ODD, "Rude")).token
    assert found.name == "[2JEvil\ufffd"
    assert found.symbol is not None
    assert len(found.symbol) == 256


def test_owner_beside_other_fields_is_read_at_its_offset(chain: DevChain, token: str) -> None:
    facts = analyse(read(chain, token).code)
    assert facts.layout.owners == ((3, 3),)  # `paused` and `feePercent` stand to the right of it
    with Node(chain.url) as node:
        assert ChainState(node, token).owner_fields(facts.layout.owners) == {(3, 3): chain.accounts[0]}


def test_block_that_is_replaced_while_it_is_read_is_an_error(anvil: str) -> None:
    chain = DevChain(anvil)
    token = chain.deploy(LISTED, "Listed", SUPPLY)
    chain.mine(3)
    with Node(anvil) as node:
        state = ChainState(node, token)
        state.storage(0)
        chain.reorganise(2)
        with pytest.raises(errors.ReorganisedError, match="reorganised while it was read"):
            state.confirm()


def test_read_of_a_past_block_shows_the_past(anvil: str) -> None:
    chain = DevChain(anvil)
    token = chain.deploy(LISTED, "Listed", SUPPLY)
    then = chain.number
    chain.do(token, "setOwner(address)", chain.accounts[7])
    with Node(anvil) as node:
        assert read_contract(node, token, then).owner == chain.accounts[0]
        assert read_contract(node, token).owner == chain.accounts[7]


LIES = {
    "code": ("eth_getCode", lambda parameters, true: "0x6000"),
    "storage": ("eth_getStorageAt", lambda parameters, true: "0x" + "ff" * 32),
    "owner": ("eth_call", lambda parameters, true: "0x" + "0" * 64),
    "chain": ("eth_chainId", lambda parameters, true: "0x1"),
    "block": ("eth_getBlockByNumber", lambda parameters, true: {**true, "hash": "0x" + "ee" * 32}),
}


@pytest.mark.parametrize(("method", "lie"), LIES.values(), ids=LIES)
def test_node_that_lies_is_caught_by_a_witness(
    chain: DevChain, token: str, hostile_node: HostileNode, method: str, lie: Callable[[object, object], object]
) -> None:
    hostile_node.upstream = chain.url
    hostile_node.lies[method] = lie
    proxy = chain.deploy(PROXIES, "SlotProxy", IMPLEMENTATION_SLOT, token, 0)
    liar, witness = Node(hostile_node.url), Node(chain.url)
    with liar, witness, pytest.raises(errors.NodeInconsistentError) as caught:
        read_contract(liar, proxy, chain.number, witness)
    assert liar.where in str(caught.value)


def test_honest_witness_of_another_chain_is_refused(chain: DevChain, anvil_program: Path, tmp_path: Path) -> None:
    with running_anvil(anvil_program, tmp_path, "--chain-id", "1") as other:
        node, witness = Node(chain.url), Node(other)
        with node, witness, pytest.raises(errors.NodeInconsistentError, match="31337 and 1"):
            ChainState(node, "0x" + "11" * 20, 0, witness)


def test_call_that_the_node_refuses_is_unknown_with_the_reason(
    chain: DevChain, token: str, hostile_node: HostileNode
) -> None:
    def refuse_calls(handler: object, request: object) -> None:
        if isinstance(request, dict) and request["method"] == "eth_call":
            request = {**request, "method": "eth_noSuchMethod"}
        servers.honest(handler, request)  # type: ignore[arg-type]

    hostile_node.upstream = chain.url
    hostile_node.behave = refuse_calls  # type: ignore[assignment]
    with Node(hostile_node.url) as node:
        found = read_contract(node, token)
    assert found.owner is None
    assert found.token.name is None
    assert sum("is unknown" in each for each in found.unknown) == 5
