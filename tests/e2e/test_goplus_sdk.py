"""The official GoPlus clients, from PyPI and from npm, unchanged but for the host, against a live service and chain.

Contracts of the corpus stand on a development chain; screenings are real and run in the service's own processes. What
the clients do not check, types and values, is checked here against the models of the SDK.
"""

from __future__ import annotations

import http.client
import json
import os
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from goplus.address import Address
from goplus.approve import Approve
from goplus.auth import Auth
from goplus.chain import Chain
from goplus.dapp import Dapp
from goplus.decode import Decode
from goplus.errorcode import Code
from goplus.locker import Locker
from goplus.nft import Nft
from goplus.phishing_site import PushingSite
from goplus.rug_pull import RugPull
from goplus.token import Token
from swagger_client import Configuration, TransactionSecurityRequest
from swagger_client.api.lock_controller_api import LockControllerApi
from swagger_client.api.transaction_security_controller_api import TransactionSecurityControllerApi

from tarazy.chains.evm.node import Node
from tarazy.issuance import issue

from .. import servers
from ..devchain import DevChain, selector, word
from ..servers import HostileNode, running_anvil
from ..unit.issuance.stage import odd
from ..unit.screening.service.examples import wrong_types

CORPUS = Path(__file__).resolve().parents[1] / "corpus" / "tokens"
COLLECTIONS = Path(__file__).resolve().parents[1] / "unit/screening/service/contracts/Collections.json"
CHAIN = "31337"
START_S = 60
MAX_UINT = 2**256 - 1
FLAGS = (
    "can_take_back_ownership owner_change_balance hidden_owner selfdestruct external_call cannot_buy cannot_sell_all"
    " slippage_modifiable personal_slippage_modifiable transfer_pausable anti_whale_modifiable trading_cooldown"
    " is_mintable is_proxy is_honeypot is_blacklisted is_whitelisted is_anti_whale"
).split()
SERVE = """
import json, sys
from pathlib import Path
from tarazy.platform.access.buckets import RateLimit
from tarazy.screening.service.options import ServiceConfig
from tarazy.platform.web.serving import ServeOptions, serve
from tarazy.screening.api.app import create_app
given = json.loads(sys.argv[1])
chain = int(given["chain"])
config = ServiceConfig(data=Path(given["data"]), nodes={chain: given["rpc"]}, lockers={chain: given["locker"]},
    position_managers={chain: tuple(given["managers"])}, anonymous_rate=RateLimit(0, 0), screening_workers=1,
    wait_s=30.0)
tls = [Path(path) for path in given["tls"]] or [None, None]
serve(lambda: create_app(config),
    ServeOptions(port=0, tls_certificate=tls[0], tls_key=tls[1], ready=lambda url: print(url, flush=True)))
"""


@dataclass
class Live:
    """A service, the chain that it reads, and what stands there."""

    url: str
    data: Path
    chain: DevChain
    vulnerable: str
    benign: str
    safe: str
    time_lock: str
    manager: str
    pieces: str
    kinds: str

    @property
    def wallet(self) -> str:
        """Return the account that approved and locked."""
        return self.chain.accounts[3]


def artifact(name: str) -> Path:
    return CORPUS / f"{name}.json"


@pytest.fixture(scope="module")
def live(anvil_program: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Live]:
    """Return a chain with contracts, locks and approvals, and a service that reads it."""
    home = tmp_path_factory.mktemp("sdk")
    with running_anvil(anvil_program, home) as rpc:
        chain = DevChain(rpc)
        with Node(rpc) as node:
            placed = place(node, chain)
        with serving(home, rpc, placed) as url:
            yield Live(url, home / "data", chain, **placed)


def place(node: Node, chain: DevChain) -> dict[str, str]:
    """Put contracts, locks and approvals on a chain."""
    maker, wallet, spender = chain.accounts[1], chain.accounts[3], chain.accounts[4]
    vulnerable = chain.deploy(artifact("mint-lying-name/vulnerable"), "Token", sender=maker)
    benign = chain.deploy(artifact("mint-lying-name/benign"), "Token", sender=maker)
    values = {"name": "Plain", "symbol": "PLN", "decimals": 6, "supply": 10**12, "holder": wallet}
    safe = issue.create_token(node, wallet, "fixed", values).address
    time_lock = issue.create_time_lock(node, wallet).address
    manager = issue.deploy(node, wallet, "positions", odd("Positions").deployment()).address
    ends_s = node.block("latest").timestamp_s + 86_400
    for amount in (250_000 * 10**6, 100, 5):
        issue.lock_tokens(node, wallet, time_lock, safe, amount, ends_s)
    issue.invoke(node, wallet, manager, odd("Positions"), "make", 3, wallet, 1000)
    issue.lock_position(node, wallet, time_lock, manager, 3, ends_s)
    chain.do(safe, "approve(address,uint256)", vulnerable, MAX_UINT, sender=wallet)
    chain.do(safe, "approve(address,uint256)", spender, 2_500_000, sender=wallet)
    chain.do(vulnerable, "approve(address,uint256)", benign, 7, sender=wallet)
    chain.do(vulnerable, "approve(address,uint256)", benign, 0, sender=wallet)
    pieces, kinds = (chain.deploy(COLLECTIONS, name) for name in ("Pieces", "Kinds"))
    for collection in (pieces, kinds):
        chain.do(collection, "setApprovalForAll(address,bool)", vulnerable, True, sender=wallet)
        chain.do(collection, "setApprovalForAll(address,bool)", benign, True, sender=wallet)
        chain.do(collection, "setApprovalForAll(address,bool)", benign, False, sender=wallet)
    chain.do(pieces, "make(uint256)", 7, sender=wallet)
    chain.do(pieces, "approve(address,uint256)", spender, 7, sender=wallet)
    return {
        "vulnerable": vulnerable,
        "benign": benign,
        "safe": safe,
        "time_lock": time_lock,
        "manager": manager,
        "pieces": pieces,
        "kinds": kinds,
    }


@contextmanager
def serving(home: Path, rpc: str, placed: dict[str, str], tls: tuple[Path, Path] | None = None) -> Iterator[str]:
    """Run the service in a process of its own; stop it by the signal and see that it ends well."""
    given = {
        "chain": CHAIN,
        "data": str(home / "data"),
        "rpc": rpc,
        "locker": placed["time_lock"],
        "managers": [placed["manager"]],
        "tls": [str(path) for path in tls or ()],
    }
    command = [sys.executable, "-c", SERVE, json.dumps(given)]
    with (home / "service.log").open("w") as log, subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log) as run:
        assert run.stdout is not None
        url = run.stdout.readline().decode().strip()
        assert url, (home / "service.log").read_text()
        yield url
        run.send_signal(signal.SIGTERM)
        assert run.wait(START_S) == 0, (home / "service.log").read_text()


@pytest.fixture
def sdk(live: Live) -> Iterator[Live]:
    """Point the SDK's default configuration at the service; nothing else of it is touched."""
    before = Configuration._default
    configuration = Configuration()
    configuration.host = live.url
    Configuration.set_default(configuration)
    yield live
    Configuration._default = before


def asked(live: Live, path: str, **parameters: str) -> dict[str, Any]:
    """Ask without the SDK, which drops what it does not know, and return the envelope."""
    answer: dict[str, Any] = httpx.get(f"{live.url}{path}", params=parameters or None, timeout=60).json()
    assert set(answer) == {"code", "message", "result"}
    assert isinstance(answer["code"], int)
    assert isinstance(answer["message"], str)
    return answer


# ---------------------------------------------------------------- the client from PyPI


def test_token_security_tells_a_trap_from_its_twin(sdk: Live) -> None:
    found = Token().token_security(CHAIN, [sdk.vulnerable.upper().replace("0X", "0x"), sdk.benign])
    assert found.code == Code.SUCCESS
    assert set(found.result) == {sdk.vulnerable, sdk.benign}
    assert (found.result[sdk.vulnerable].is_mintable, found.result[sdk.benign].is_mintable) == ("1", "0")
    vulnerable = found.result[sdk.vulnerable]
    assert (vulnerable.token_name, vulnerable.token_symbol, vulnerable.total_supply) == (
        "Northwind Credit",
        "NWC",
        "1000000",
    )
    assert vulnerable.creator_address == vulnerable.owner_address == sdk.chain.accounts[1]
    assert vulnerable.owner_percent == "1"
    assert vulnerable.holders[0].address == sdk.chain.accounts[1]


def test_token_security_has_the_types_that_the_sdk_declares_but_does_not_check(live: Live) -> None:
    answer = asked(live, f"/api/v1/token_security/{CHAIN}", contract_addresses=f"{live.vulnerable},{live.safe}")
    assert answer["code"] == 1
    for result in answer["result"].values():
        assert wrong_types(result, "ResponseWrapperTokenSecurityResult") == []
        for key, value in result.items():
            if key.startswith("is_") or key in FLAGS:
                assert value in ("0", "1"), key
    safe = answer["result"][live.safe]
    assert safe["owner_address"] == ""
    assert not {"owner_balance", "owner_percent"} & set(safe)


def test_safe_token_has_no_power_that_anyone_could_use(sdk: Live) -> None:
    found = Token().token_security(CHAIN, [sdk.safe]).result[sdk.safe].to_dict()
    powers = [key for key in FLAGS if found[key] == "1"]
    assert powers == []
    assert found["is_mintable"] == found["owner_change_balance"] == found["transfer_pausable"] == "0"
    assert found["is_proxy"] == found["selfdestruct"] == found["is_blacklisted"] == found["hidden_owner"] == "0"


def test_addresses_without_code_and_of_other_chains_have_their_codes(sdk: Live) -> None:
    assert Token().token_security(CHAIN, [sdk.wallet]).code == Code.NON_CONTRACT_ADDRESS
    assert Token().token_security("1", [sdk.vulnerable]).code == Code.CHAIN_NOT_SUPPORTED
    assert Token().token_security(CHAIN, ["0x12"]).code == Code.ADDRESS_FORMAT_ERROR
    assert Token().token_security(CHAIN, [sdk.vulnerable] * 101).code == Code.PARAM_ERROR
    assert Token().solana_token_security(["abc"]).code == Code.CHAIN_NOT_SUPPORTED
    assert Token().sui_token_security(["abc"]).code == Code.CHAIN_NOT_SUPPORTED


def test_rug_pull_answers_numbers(sdk: Live) -> None:
    found = RugPull().rug_pull_security(CHAIN, sdk.vulnerable)
    assert found.code == Code.SUCCESS
    assert (found.result.owner.owner_address, found.result.owner.owner_type) == (sdk.chain.accounts[1], "eoa")
    assert found.result.withdraw_missing == -1
    assert (found.result.selfdestruct, found.result.is_proxy, found.result.blacklist) == (0, 0, 0)
    answer = asked(sdk, f"/api/v1/rugpull_detecting/{CHAIN}", contract_addresses=sdk.vulnerable)
    assert wrong_types(answer["result"], "GetDefiInfoResponseResult") == []


def test_address_security_of_contracts_accounts_and_without_a_chain(sdk: Live) -> None:
    contract = Address().address_security(sdk.vulnerable, chain_id=CHAIN)
    account = Address().address_security(sdk.wallet, chain_id=CHAIN)
    anywhere = Address().address_security(sdk.wallet)
    assert (contract.code, account.code, anywhere.code) == (1, 1, 1)
    assert (contract.result.contract_address, account.result.contract_address) == ("1", "0")
    assert anywhere.result.contract_address is None
    assert account.result.sanctioned is None  # no list was supplied: not known, not "0"
    answer = asked(sdk, f"/api/v1/address_security/{sdk.vulnerable}", chain_id=CHAIN)
    assert wrong_types(answer["result"], "ResponseWrapperAddressContractResult") == []


def test_approval_security_of_a_spender(sdk: Live) -> None:
    contract = Approve().approve_security_v1(CHAIN, sdk.vulnerable)
    account = Approve().approve_security_v1(CHAIN, sdk.wallet)
    assert (contract.result.is_contract, account.result.is_contract) == (1, 0)
    assert contract.result.creator_address == sdk.chain.accounts[1]
    assert account.result.is_open_source is None
    answer = asked(sdk, f"/api/v1/approval_security/{CHAIN}", contract_addresses=sdk.vulnerable)
    assert wrong_types(answer["result"], "ContractApproveResponse") == []


def test_open_allowances_of_a_wallet(sdk: Live) -> None:
    found = Approve().token_approve_security(CHAIN, sdk.wallet)
    assert found.code == Code.SUCCESS
    (token,) = found.result
    assert (token.token_address, token.token_symbol, token.decimals) == (sdk.safe, "PLN", 6)
    given = {each.approved_contract: each.approved_amount for each in token.approved_list}
    assert given == {sdk.vulnerable: "Unlimited", sdk.chain.accounts[4]: "2.5"}
    spenders = {each.approved_contract: each.address_info.is_contract for each in token.approved_list}
    assert spenders == {sdk.vulnerable: 1, sdk.chain.accounts[4]: 0}
    assert all(each.approved_time > 1_600_000_000 for each in token.approved_list)
    answer = asked(sdk, f"/api/v2/token_approval_security/{CHAIN}", addresses=sdk.wallet)
    assert wrong_types(answer["result"][0], "ApproveTokenOutListResponse") == []


def test_open_approvals_of_collections(sdk: Live) -> None:
    (pieces,) = Approve().erc721_approve_security(CHAIN, sdk.wallet).result
    (kinds,) = Approve().erc1155_approve_security(CHAIN, sdk.wallet).result
    assert (pieces.nft_address, kinds.nft_address) == (sdk.pieces, sdk.kinds)
    found = {(each.approved_contract, each.approved_token_id, each.approved_for_all) for each in pieces.approved_list}
    assert found == {(sdk.vulnerable, None, 1), (sdk.chain.accounts[4], "7", 0)}
    assert [each.approved_contract for each in kinds.approved_list] == [sdk.vulnerable]
    answer = asked(sdk, f"/api/v2/nft721_approval_security/{CHAIN}", addresses=sdk.wallet)
    assert wrong_types(answer["result"][0], "ApproveNFTListResponse") == []


def test_call_is_decoded_with_its_risk(sdk: Live) -> None:
    data = selector("approve(address,uint256)") + word(sdk.chain.accounts[4]) + word(MAX_UINT)
    found = Decode().signature_data_decode(CHAIN, data, address=sdk.safe, signer=sdk.wallet)
    assert (found.code, found.result.method, found.result.risky_signature) == (1, "approve", 1)
    assert "without a limit" in found.result.risk
    assert found.result.params[0].address_info.is_contract == 0
    own = selector("distribute(address,uint256)") + word(sdk.wallet) + word(5)
    unknown = Decode().signature_data_decode(CHAIN, own, address=sdk.vulnerable)
    assert [each.type for each in unknown.result.params] == ["address", "uint256"]
    assert Decode().signature_data_decode(CHAIN, own).code == Code.ABI_NOT_FOUND
    assert (
        Decode().signature_data_decode(CHAIN, "0x99999999", address=sdk.vulnerable).code == Code.ABI_FUNCTION_UNSUPPOERT
    )


def simulated(sdk: Live, data: str, **changes: str) -> Any:
    """Simulate a transaction of the wallet through the SDK's own class, for which it has no wrapper."""
    given = {"chain_id": CHAIN, "_from": sdk.wallet, "to": sdk.safe, "value": "0", "data": data} | changes
    body = TransactionSecurityRequest(**given)
    return TransactionSecurityControllerApi().get_transaction_security_info_using_post(body=body)


def test_transaction_is_simulated_before_it_is_signed(sdk: Live) -> None:
    heir = sdk.chain.accounts[7]
    sent = simulated(sdk, selector("transfer(address,uint256)") + word(heir) + word(5_000_000))
    assert (sent.code, sent.result.is_simulated, sent.result.is_revert) == (1, True, False)
    changes = {each.address: each.erc20_change[0].change for each in sent.result.erc20_balance_changes}
    assert changes == {sdk.wallet: "-5000000", heir: "5000000"}
    assert sent.result.used_gas > 21_000
    assert sent.result.logs[0].address == sdk.safe
    approved = simulated(sdk, selector("approve(address,uint256)") + word(heir) + word(MAX_UINT)).result
    assert [each.amount for each in approved.erc20_allowance_changes] == [str(MAX_UINT)]
    assert any(heir in each.message for each in approved.flagged)
    refused = simulated(sdk, selector("transfer(address,uint256)") + word(heir) + word(MAX_UINT)).result
    assert (refused.is_simulated, refused.is_revert) == (True, True)
    assert refused.revert_reason
    ether = simulated(sdk, "0x", to=heir, value=str(10**18)).result
    native = {each.address: each.native_change.change for each in ether.native_balance_changes}
    assert native == {sdk.wallet: str(-(10**18)), heir: str(10**18)}


def test_simulation_rests_on_the_newest_block(sdk: Live) -> None:
    heir = sdk.chain.accounts[8]
    data = selector("transferFrom(address,address,uint256)") + word(sdk.wallet) + word(heir) + word(9)
    before = simulated(sdk, data, _from=heir).result
    sdk.chain.do(sdk.safe, "approve(address,uint256)", heir, 9, sender=sdk.wallet)
    time.sleep(1)
    after = simulated(sdk, data, _from=heir).result
    assert (before.is_revert, after.is_revert) == (True, False)
    sdk.chain.do(sdk.safe, "approve(address,uint256)", heir, 0, sender=sdk.wallet)


def test_native_simulation_tells_calls_and_risks(sdk: Live) -> None:
    data = selector("approve(address,uint256)") + word(sdk.chain.accounts[7]) + word(MAX_UINT)
    body = {"chain_id": CHAIN, "from": sdk.wallet, "to": sdk.safe, "data": data}
    outcome = httpx.post(f"{sdk.url}/v1/screening/transactions", json=body, timeout=60).json()["outcome"]
    assert outcome["succeeded"] is True
    assert [each["to"] for each in outcome["calls"]] == [sdk.safe]
    assert outcome["allowances"][0]["after"] == str(MAX_UINT)
    assert any(each["severity"] == "high" for each in outcome["risks"])
    made = httpx.post(f"{sdk.url}/v1/screening/transactions", json={**body, "to": None, "data": "0x00"}, timeout=60)
    assert made.json()["outcome"]["created"]


def test_locks_of_a_token_and_of_positions(sdk: Live) -> None:
    found = Locker().locker_token(CHAIN, sdk.safe, 1, 2)
    assert (found.code, found.result.total_count, len(found.result.list)) == (1, 3, 2)
    assert found.result.list[0].amount == str(250_000 * 10**6)
    assert Locker().locker_token(CHAIN, sdk.safe, 2, 2).result.list[0].amount == "5"
    position = Locker().locker_lp_v3(CHAIN, sdk.manager, 1, 10).result.list[0]
    assert (position.nft_id, position.nft_position_manager, position.pool) == ("3", sdk.manager, sdk.manager)
    api = LockControllerApi()
    everywhere = api.get_nft_locker_lock_infos_list_using_get(page_num=1, page_size=10).result
    assert (everywhere.total_count, everywhere.list[0].locked_percent) == (1, "0.25")
    assert api.get_v4_nft_locker_lock_infos_list_using_get(page_num=1, page_size=10).result.total_count == 0
    none = api.get_v4_nft_lockers_using_get(chain_id=CHAIN, page_num=1, page_size=10, pool_id="0x" + "00" * 32)
    assert (none.code, none.result.lock_id) == (1, None)
    answer = asked(sdk, "/open/api/v1/locks/token", chainId=CHAIN, tokenAddress=sdk.safe, pageNum="1", pageSize="10")
    assert wrong_types(answer["result"], "PageResponseTaTokenLockerLockInfo") == []


def test_chains_and_what_is_not_answered(sdk: Live) -> None:
    assert [(each.id, each.name) for each in Chain.get_chain_list().result] == [(CHAIN, "Development chain")]
    assert Chain.get_chain_list(name="nft_security").result == []
    assert Nft().nft_security(CHAIN, sdk.pieces).code == Code.CHAIN_NOT_SUPPORTED
    assert Dapp().dapp_security("https://site.example").code == Code.DAPP_NOT_FOUND
    assert PushingSite().pushing_site_security("https://site.example").code == Code.DAPP_NOT_FOUND


def test_access_token_by_key_and_secret(sdk: Live) -> None:
    operator = {"Authorization": (sdk.data / "admin.key").read_text().strip()}
    key = httpx.post(f"{sdk.url}/v1/screening/keys", json={"name": "wallet"}, headers=operator).json()
    given = Auth(key["app_key"], key["app_secret"]).get_access_token()
    assert (given.code, given.result.expires_in) == (1, 7_200)
    token = given.result.access_token
    assert Token(access_token=token).token_security(CHAIN, [sdk.vulnerable]).code == Code.SUCCESS
    assert Token(access_token=f"Bearer {token}").token_security(CHAIN, [sdk.vulnerable]).code == Code.SUCCESS
    assert Token(access_token="nonsense").token_security(CHAIN, [sdk.vulnerable]).code == Code.INVALID_TOKEN
    assert Auth(key["app_key"], "wrong").get_access_token().code == Code.SIGNATURE_VERIFICATION_FAILURE
    assert Auth("nobody", "wrong").get_access_token().code == Code.APP_KEY_NOT_EXIST
    httpx.delete(f"{sdk.url}/v1/screening/keys/{key['app_key']}", headers=operator)
    assert Token(access_token=token).token_security(CHAIN, [sdk.vulnerable]).code == Code.TOKEN_NOT_FOUND


def test_change_on_the_chain_is_seen_after_the_event(sdk: Live) -> None:
    maker, heir = sdk.chain.accounts[1], sdk.chain.accounts[6]
    assert Token().token_security(CHAIN, [sdk.benign]).result[sdk.benign].owner_address == maker
    sdk.chain.do(sdk.benign, "transferOwnership(address)", heir, sender=maker)
    operator = {"Authorization": (sdk.data / "admin.key").read_text().strip()}
    event = {"chain_id": int(CHAIN), "address": sdk.benign, "reason": "the owner changed"}
    assert httpx.post(f"{sdk.url}/v1/screening/invalidations", json=event, headers=operator).status_code == 202
    found = Token().token_security(CHAIN, [sdk.benign])
    assert (found.code, found.result[sdk.benign].owner_address) == (1, heir)


# ---------------------------------------------------------------- the client from npm

NPM = """
const [url, vulnerable, benign, wallet, safe, chain, key, secret, data] = process.argv.slice(2);
const inside = require("path").dirname(require.resolve("@goplus/sdk-node"));
const { ApiClient } = require(inside + "/gen/ApiClient.js");
const build = ApiClient.prototype.buildUrl;
ApiClient.prototype.buildUrl = function (...given) { this.basePath = url; return build.apply(this, given); };
const { GoPlus } = require("@goplus/sdk-node");
(async () => {
  const told = {};
  told.tokens = await GoPlus.tokenSecurity(chain, [vulnerable, benign], 60);
  told.rugpull = await GoPlus.rugpullDetection(chain, vulnerable, 60);
  told.address = await GoPlus.addressSecurity(chain, vulnerable, 60);
  told.spender = await GoPlus.approvalSecurity(chain, vulnerable, 60);
  told.allowances = await GoPlus.erc20ApprovalSecurity(chain, wallet, 60);
  told.pieces = await GoPlus.erc721ApprovalSecurity(chain, wallet, 60);
  told.kinds = await GoPlus.erc1155ApprovalSecurity(chain, wallet, 60);
  told.decoded = await GoPlus.inputDecode(chain, safe, data, 60);
  told.chains = await GoPlus.supportedChains(GoPlus.API_NAMES.token_security, 60);
  told.locks = await GoPlus.getTokenLockerInfo(chain, safe, 1, 10, 60);
  told.dapp = await GoPlus.dappSecurity("https://site.example", 60);
  told.site = await GoPlus.phishingSite("https://site.example", 60);
  told.nft = await GoPlus.nftSecurity(chain, vulnerable, undefined, 60);
  GoPlus.config(key, secret, 60);
  told.token = await GoPlus.getAccessToken();
  told.again = await GoPlus.tokenSecurity(chain, [vulnerable], 60);
  console.log(JSON.stringify(told));
})().catch((error) => { console.error(error); process.exit(1); });
"""


def test_npm_client_asks_everything_it_knows(live: Live, node_tools: Path, tmp_path: Path) -> None:
    operator = {"Authorization": (live.data / "admin.key").read_text().strip()}
    key = httpx.post(f"{live.url}/v1/screening/keys", json={"name": "npm"}, headers=operator).json()
    script = tmp_path / "ask.cjs"
    script.write_text(NPM)
    data = selector("approve(address,uint256)") + word(live.vulnerable) + word(1)
    values = [
        live.url,
        live.vulnerable,
        live.benign,
        live.wallet,
        live.safe,
        CHAIN,
        key["app_key"],
        key["app_secret"],
        data,
    ]
    done = subprocess.run(
        ["node", str(script), *values],
        env={**os.environ, "NODE_PATH": str(node_tools / "node_modules")},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    codes = {name: answer["code"] for name, answer in told.items()}
    assert codes == dict.fromkeys(told, 1) | {"dapp": 2026, "site": 2026, "nft": 2018}
    assert told["tokens"]["result"][live.vulnerable]["is_mintable"] == "1"
    assert told["tokens"]["result"][live.benign]["is_mintable"] == "0"
    assert told["rugpull"]["result"]["owner"]["owner_type"] == "eoa"
    assert told["spender"]["result"]["is_contract"] == 1
    assert len(told["allowances"]["result"][0]["approved_list"]) == 2
    assert told["pieces"]["result"][0]["nft_symbol"] == "PCS"
    assert told["decoded"]["result"]["method"] == "approve"
    assert told["locks"]["result"]["totalCount"] == 3
    assert told["token"]["result"]["expires_in"] == 7_200


# ---------------------------------------------------------------- the server itself


def test_batch_of_ten_thousand_addresses_is_refused_at_once(live: Live) -> None:
    host, port = live.url.removeprefix("http://").split(":")
    many = ",".join(f"0x{number:040x}" for number in range(10_000))
    began_s = time.monotonic()
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        try:
            connection.sendall(f"GET /api/v1/token_security/{CHAIN}?contract_addresses={many} HTTP/1.1\r\n".encode())
            connection.sendall(f"Host: {host}\r\nConnection: close\r\n\r\n".encode())
            answer = b"".join(iter(lambda: connection.recv(65_536), b""))
        except ConnectionError:
            answer = b""
    assert time.monotonic() - began_s < 5
    assert not answer.startswith(b"HTTP/1.1 200") or b'"code":5006' in answer
    assert asked(live, "/api/v1/supported_chains")["code"] == 1


def test_caller_that_sends_its_headers_slowly_is_let_go(live: Live) -> None:
    host, port = live.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), timeout=20) as connection:
        connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: ")
        connection.settimeout(16)
        with suppress(ConnectionError):
            assert connection.recv(1_000)[:9] in (b"", b"HTTP/1.1 ")
    assert asked(live, "/api/v1/supported_chains")["code"] == 1


def test_service_over_a_node_that_lies_or_hangs_says_syncing_and_never_no(
    tmp_path: Path, hostile_node: HostileNode, live: Live
) -> None:
    placed = {"time_lock": live.time_lock, "manager": live.manager}
    with serving(tmp_path, hostile_node.url, placed) as url:
        for behave in (servers.garbage, servers.close_mid_answer, servers.wrong_id):
            hostile_node.behave = behave
            answer = httpx.get(
                f"{url}/api/v1/token_security/{CHAIN}?contract_addresses={live.vulnerable}", timeout=60
            ).json()
            assert (answer["code"], answer["result"]) == (Code.DATA_PENDING_SYNC, None)
            assert hostile_node.url.rpartition(":")[2] not in answer["message"]


def test_stop_lets_those_who_wait_have_their_answer(tmp_path: Path, hostile_node: HostileNode, live: Live) -> None:
    placed = {"time_lock": live.time_lock, "manager": live.manager}
    hostile_node.behave = servers.hang
    with ThreadPoolExecutor(1) as threads:
        with serving(tmp_path, hostile_node.url, placed) as url:
            path = f"{url}/api/v1/token_security/{CHAIN}?contract_addresses={live.vulnerable}"
            waiting = threads.submit(httpx.get, path, timeout=30)
            while not hostile_node.requests:
                time.sleep(0.02)
        assert waiting.result().json()["code"] == Code.DATA_PENDING_SYNC


def test_service_speaks_tls_and_nothing_else_on_that_port(tmp_path: Path, live: Live) -> None:
    certificate, key = self_signed(tmp_path)
    placed = {"time_lock": live.time_lock, "manager": live.manager}
    with serving(tmp_path, live.chain.url, placed, tls=(certificate, key)) as url:
        assert url.startswith("https://127.0.0.1:")
        trusted = ssl.create_default_context(cafile=str(certificate))
        assert httpx.get(f"{url}/v1/screening/health", verify=trusted).json()["status"] == "ok"
        with pytest.raises(httpx.ConnectError):
            httpx.get(f"{url}/v1/screening/health")
        with pytest.raises(httpx.HTTPError):
            httpx.get(f"{url}/v1/screening/health".replace("https", "http"))


def self_signed(folder: Path) -> tuple[Path, Path]:
    """Make a certificate for loopback and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .sign(key, hashes.SHA256())
    )
    paths = folder / "certificate.pem", folder / "key.pem"
    paths[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    private = (serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    paths[1].write_bytes(key.private_bytes(*private))
    return paths


def test_new_start_answers_from_disk(tmp_path: Path, live: Live) -> None:
    placed = {"time_lock": live.time_lock, "manager": live.manager}
    path = f"/api/v1/token_security/{CHAIN}?contract_addresses={live.safe}"
    with serving(tmp_path, live.chain.url, placed) as url:
        first = httpx.get(url + path, timeout=60).json()
    began_s = time.monotonic()
    with serving(tmp_path, live.chain.url, placed) as url:
        second = httpx.get(url + path, timeout=60).json()
    assert first["code"] == second["code"] == 1
    assert first == second
    assert time.monotonic() - began_s < 30


def test_kill_leaves_a_service_that_starts_again_and_answers(tmp_path: Path, live: Live) -> None:
    given = {
        "chain": CHAIN,
        "data": str(tmp_path / "data"),
        "rpc": live.chain.url,
        "locker": live.time_lock,
        "managers": [],
        "tls": [],
    }
    for _ in range(2):
        command = [sys.executable, "-c", SERVE, json.dumps(given)]
        with subprocess.Popen(command, stdout=subprocess.PIPE) as run:
            assert run.stdout is not None
            url = run.stdout.readline().decode().strip()
            where = url.removeprefix("http://")
            connection = http.client.HTTPConnection(where, timeout=60)
            connection.request("GET", f"/api/v1/token_security/{CHAIN}?contract_addresses={live.vulnerable}")
            assert json.loads(connection.getresponse().read())["code"] == 1
            connection.request("GET", f"/api/v1/token_security/{CHAIN}?contract_addresses={live.safe}")
            time.sleep(0.05)
            run.kill()
            connection.close()
    with serving(tmp_path, live.chain.url, {"time_lock": live.time_lock, "manager": live.manager}) as url:
        found = httpx.get(f"{url}/v1/screening/reports", timeout=30).json()["reports"]
    assert any(each["address"] == live.vulnerable for each in found)
