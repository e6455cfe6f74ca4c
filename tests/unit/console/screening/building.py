"""Reports by hand that fill every part of a page, services that hold them, and the application around both."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI, Request, Response

from tarazy.chains.evm.code import Code
from tarazy.chains.evm.facts import HolderShare, Ownership, PoolFacts, TokenFacts
from tarazy.console.layout.page_layout import ServiceError
from tarazy.console.screening.router import screening_router
from tarazy.console.screening.services import (
    STAGES,
    BatchRow,
    Chain,
    Input,
    JobView,
    ParameterView,
    Plain,
    RefusedLine,
    SafeTokens,
    ScreeningBatch,
    StageView,
    TemplateView,
)
from tarazy.platform.access.buckets import RateLimit
from tarazy.platform.access.keys import SCOPES
from tarazy.platform.access.usage import Usage
from tarazy.platform.web.middleware import Caller
from tarazy.screening.checks.base import CAPABILITY_NAMES
from tarazy.screening.holder.judging import ScreenedContract
from tarazy.screening.holder.model import ApprovalKey, StandingApproval, TokenOfWallet, WalletReading
from tarazy.screening.holder.preparing import revocation_of_outcome, revoking
from tarazy.screening.holder.signing import signing_words
from tarazy.screening.holder.view import wallet_view
from tarazy.screening.model import (
    Answer,
    Attack,
    Capability,
    Evidence,
    Finding,
    Holder,
    HolderKind,
    Report,
    SimulatedTrade,
    Simulation,
    TraceStep,
    Verdict,
    to_plain,
)
from tarazy.screening.watch.watches import Followed, Watch

CORPUS = Path(__file__).parents[3] / "corpus" / "tokens"
TOKEN = "0x" + "ab" * 20
OWNER = "0x5b38da6a701c568545dcfcb03fcb875f56beddc4"
TRADER = "0x" + "12" * 20
START_S = 1_795_000_000


@cache
def runtime() -> bytes:
    """Return the code of a token of the corpus."""
    built = json.loads((CORPUS / "limit-blacklist" / "vulnerable.json").read_text())
    text: str = built["contracts"]["Token"]["runtime"]
    return bytes.fromhex(text.removeprefix("0x"))


def story() -> tuple[TraceStep, ...]:
    """Return a story with four actors, a refusal and call data."""
    return (
        TraceStep("deployer", "the deployer puts tokens and ether into the pool", True, gas_used=182_331,
                  time_s=START_S),
        TraceStep("trader", "the trader buys for 1 ether", True, "receives 98.7 TRAP, tax 0 %", "0xa9059cbb",
                  "0xa9059cbb" + "00" * 64, 61_220, START_S + 12),
        TraceStep("owner", "the owner calls setBlocked(address,bool) with the trader and true", True, "", "0x153b0d1e",
                  "0x153b0d1e" + "0" * 24 + "12" * 20 + "0" * 63 + "1", 44_870, START_S + 24),
        TraceStep("trader", "the trader sells the whole balance", False, "reverted: blocked", gas_used=29_004,
                  time_s=START_S + 36),
        TraceStep("pool", "the pool keeps the ether", True),
    )  # fmt: skip


def yes(name: str, reason: str, *evidence: Evidence, **more: Any) -> Capability:
    """Return a power that can be used by the owner."""
    holders = more.pop("holders", (Holder(HolderKind.OWNER, "storage 0x3", OWNER),))
    return Capability(name, Answer.YES, reason, holders, evidence=evidence, **more)


def capabilities() -> dict[str, Capability]:
    """Return an answer for every capability: four yes, some unknown, the others no."""
    offsets = [item.offset for item in Code(runtime()).instructions if item.name == "SSTORE"]
    found = {name: Capability(name, Answer.NO, "no way through the code does this") for name in CAPABILITY_NAMES}
    for name in ("impersonation", "known_code", "gas_abuse"):
        found[name] = Capability(name, Answer.UNKNOWN, "no table of known tokens was given")
    found["blacklist"] = yes(
        "blacklist",
        "the owner enters addresses in a mapping that transfer reads before it moves anything",
        Evidence("code", "writes the mapping that transfer compares", offsets[0], "0x153b0d1e",
                 "setBlocked(address,bool)"),
        Evidence("trace", "a bought balance cannot be sold after the owner's call", trace=story()),
        guard="caller equals the address in storage 0x3",
    )  # fmt: skip
    found["limit"] = yes(
        "limit", "selling can be refused for chosen holders", Evidence("code", "refuses the transfer", offsets[-1])
    )
    found["fee_change"] = yes(
        "fee_change",
        "the owner sets the fee on sales",
        Evidence("code", "writes the fee that transfer multiplies with", offsets[1], "0x8ebfc796"),
        bound="at most 25 %: the code compares the new value with 2500",
        holders=(Holder(HolderKind.OWNER, "storage 0x3", OWNER), Holder(HolderKind.ROLE, "mapping 0x7")),
    )
    found["hidden_owner"] = yes(
        "hidden_owner",
        "a second address, which no function shows, passes the same guard",
        Evidence("transaction", "set at the deployment", transaction="0x" + "d1" * 32),
        holders=(Holder(HolderKind.HIDDEN_OWNER, "storage 0x6", "0x" + "66" * 20),),
    )
    return found


def trades() -> tuple[SimulatedTrade, ...]:
    """Return trades that went through, that were taxed, refused and not measured."""
    return (
        SimulatedTrade("buy", "v2", True, 0, 10**18, 98_715_803_439_706_129_885, 132_220),
        SimulatedTrade("transfer", "", True, 0, 10**18, 10**18, 51_002),
        SimulatedTrade("sell", "v2", True, 50_000, 10**20, 10**18, 128_001),
        SimulatedTrade("sell_all", "v2", False, gas_used=29_004, reason="reverted: limit"),
        SimulatedTrade("sell_after_day", "v2", True, 52_500, 10**20, 10**18, 128_001),
        SimulatedTrade("sell_after_week", "v3", True, None, 10**20, 10**18, 128_001),
    )


def rich_report(report_id: str = "r-rich", **more: Any) -> Report:
    """Return a report in which every part has something to show."""
    code = Code(runtime())
    attacks = (
        Attack("blocks_sell", HolderKind.OWNER, ("0x153b0d1e",), story()),
        Attack("taxes_sell", HolderKind.HIDDEN_OWNER, ("0x8ebfc796", "0x153b0d1e"), story()[:3], 990_000),
    )
    findings = (
        Finding("blacklist", "fail", "caution", "the owner can bar chosen addresses from trading", "blacklist"),
        Finding("hidden_owner", "fail", "caution", "a hidden owner can act without being shown as one", "hidden_owner"),
        Finding("impersonation", "unknown", "caution", "not known whether it imitates another token", "impersonation"),
        Finding("fee_change", "noted", "info", "fee up to 25 %", "fee_change, trades"),
        *(Finding(name, "pass", "caution", f"{name} cannot happen", name) for name in ("mint", "burn", "pause")),
    )
    shares = (
        HolderShare(OWNER, 4 * 10**23, 400_000, False, False, "owner"),
        HolderShare("0x" + "77" * 20, 25 * 10**22, 250_000, True, True, "time lock",
                    ((25 * 10**22, START_S, START_S + 9**8),)),
        HolderShare(TRADER, 10**23, 100_000),
    )  # fmt: skip
    pool = PoolFacts("0x" + "99" * 20, "UniswapV2", "WETH", 12 * 10**18, 10**20, shares[1:])
    fields: dict[str, Any] = {
        "id": report_id,
        "input": "chain",
        "chain_id": 31337,
        "address": TOKEN,
        "code_hash": code.hash,
        "body_hash": code.body_hash,
        "code_bytes": len(runtime()),
        "screened_at": "2026-11-22T10:00:00+00:00",
        "software": "tarazy 0.1.0",
        "block_number": 19_000_123,
        "block_hash": "0x" + "b1" * 32,
        "capabilities": capabilities(),
        "token": TokenFacts("Trap of Silk", "TRAP", 18, 10**24),
        "simulation": Simulation("revm 0.3.7", "forked", 19_000_123, "0x" + "b1" * 32, START_S, trades=trades(),
                                 attacks=attacks, explored_calls=48, seconds=0.184),
        "ownership": Ownership(OWNER, 4 * 10**23, OWNER, 4 * 10**23, 312, shares, (pool,), "node"),
        "is_open_source": True,
        "verdict": Verdict("caution", "house", "2026-01-01", findings),
        "notes": ("0x153b0d1e was not read to the end",),
        "seconds": 0.412,
    }  # fmt: skip
    return Report(**fields | more)


def bare_report(report_id: str = "r-bare", reason: str = "the code is empty") -> Report:
    """Return a report in which nothing is known and every field that may be missing is."""
    nothing = {name: Capability(name, Answer.UNKNOWN, reason) for name in CAPABILITY_NAMES}
    return Report(
        report_id, "runtime", None, None, "", "", 0, "2026-11-22T10:00:00+00:00", "tarazy 0.1.0", None, None, nothing
    )


def alert(number: int = 1, **more: Any) -> dict[str, Any]:
    """Return an alert as services pass it on."""
    return {
        "id": f"a{number}",
        "chain_id": 31337,
        "address": TOKEN,
        "title": "Fee on sales was raised",
        "text": "The owner called setFee(uint256); a sale now costs 99 %.",
        "block_number": 19_000_200 + number,
        "at": START_S + number,
        "before": {"verdict": "caution", "sell_tax": "5 %", "can_happen": ["blacklist"]},
        "after": {"verdict": "malicious", "sell_tax": "99 %", "can_happen": ["blacklist", "honeypot"]},
        "transaction": "0x" + "7a" * 32,
        "draft": {"command": "SuspendAsset", "asset_id": 7, "reason_hash": "0x" + "5e" * 32, "officer": None},
        "signature": "c2lnbmF0dXJl" * 6,
        **more,
    }


PARAMETERS = (
    ParameterView("name", "Name", "text", "as wallets show it", characters_max=40),
    ParameterView("supply", "Supply", "integer", "whole tokens", "1000000"),
    ParameterView("receiver", "First holder", "address"),
)


@dataclass
class KeptServices:
    """Services that hold what a test put there, and note what they were asked to do."""

    reports: dict[str, Plain] = field(default_factory=dict)
    codes: dict[str, bytes] = field(default_factory=dict)
    jobs: dict[str, JobView] = field(default_factory=dict)
    batches: dict[str, ScreeningBatch] = field(default_factory=dict)
    submitted: list[Input] = field(default_factory=list)
    watching: Watch = field(default_factory=lambda: Watch(running=False, reason="no node is connected"))
    left: list[tuple[int, str]] = field(default_factory=list)
    safe: SafeTokens = field(default_factory=SafeTokens)
    known_chains: tuple[Chain, ...] = (Chain(1, "Ethereum", False), Chain(31337, "Development", True, True))
    locked: list[Mapping[str, str]] = field(default_factory=list)
    numbers: list[int | None] = field(default_factory=list)
    given: list[str] = field(default_factory=list)  # reports that left with a signature
    used: tuple[Usage, ...] = ()
    reading: WalletReading = field(default_factory=lambda: WalletReading(31337, OWNER, 7, "0x" + "b1" * 32, START_S))
    known: dict[str, ScreenedContract] = field(default_factory=dict)
    wallet_reason: str = ""  # why no wallet is read
    signed_with: list[tuple[str, bytes, int]] = field(default_factory=list)

    def keep(self, report: Report, code: bytes = b"") -> KeptServices:
        """Hold a report and its code."""
        self.reports[report.id] = report.to_json()
        self.codes[report.id] = code
        return self

    def chains(self) -> Sequence[Chain]:
        return self.known_chains

    def submit(self, given: Input) -> str:
        self.submitted.append(given)
        self.jobs["j1"] = JobView("j1", given.label, "running", stages(1), 0.2)
        return "j1"

    def job(self, job_id: str) -> JobView | None:
        return self.jobs.get(job_id)

    def report(self, report_id: str) -> Plain | None:
        return self.reports.get(report_id)

    def code(self, report_id: str) -> bytes | None:
        return self.codes.get(report_id) or None

    def dossier(self, report_id: str, caller: str) -> Plain | None:
        self.given.append(report_id)
        return {"dossier": report_id} if report_id == "r-rich" else None

    def signed(self, report_id: str, caller: str) -> Plain | None:
        self.given.append(report_id)
        return {"signed": report_id} if report_id == "r-rich" else None

    def history(self, chain_id: int, address: str) -> Sequence[Plain]:
        found = [each for each in self.reports.values() if (each["chain_id"], each["address"]) == (chain_id, address)]
        return sorted(found, key=lambda each: str(each["screened_at"]), reverse=True)

    def recent(self, limit: int) -> Sequence[Plain]:
        return list(self.reports.values())[:limit]

    def submit_batch(self, given: Sequence[Input | RefusedLine]) -> str:
        rows = [
            BatchRow(number, item.label, "refused", reason=item.reason)
            if isinstance(item, RefusedLine)
            else BatchRow(number, item.label, "waiting")
            for number, item in enumerate(given, 1)
        ]
        self.batches["b1"] = ScreeningBatch("b1", "2026-11-22T10:00:00+00:00", rows)
        return "b1"

    def batch(self, batch_id: str) -> ScreeningBatch | None:
        return self.batches.get(batch_id)

    def watch(self) -> Watch:
        return self.watching

    def alerts(self, chain_id: int, address: str) -> Sequence[Plain]:
        return [each for each in self.watching.alerts if (each["chain_id"], each["address"]) == (chain_id, address)]

    def follow(self, chain_id: int, address: str, asset_id: int | None = None) -> None:
        token = Followed(chain_id, address, "2026-11-22T10:00:00+00:00")
        self.numbers.append(asset_id)
        self.watching = replace(self.watching, followed=(*self.watching.followed, token))

    def unfollow(self, chain_id: int, address: str) -> None:
        self.left.append((chain_id, address))

    def usage(self, since: str) -> Sequence[Usage]:
        return [each for each in self.used if each.day >= since]

    def wallet(self, chain_id: int, wallet: str) -> Plain:
        if self.wallet_reason:
            raise ServiceError(self.wallet_reason, 503)
        return wallet_view(replace(self.reading, chain_id=chain_id, wallet=wallet), self.known)

    def sign(self, chain_id: int, wallet: str, to: str, data: bytes, value_wei: int) -> Plain:
        self.signed_with.append((to, data, value_wei))
        words = signing_words(OUTCOME, wallet, {each.address: each for each in self.reading.tokens}, {to: "bad"})
        return {**to_plain(words), "request": {}, "outcome": OUTCOME, "suspicious": {}}

    def revoke(self, chain_id: int, wallet: str, key: ApprovalKey) -> Plain:
        asked, outcome = revoking(chain_id, wallet, key), {**OUTCOME, "allowances": []}
        return revocation_of_outcome(asked, key, outcome, 5, signing_words(outcome, wallet, {}, {}))

    def safe_tokens(self) -> SafeTokens:
        return self.safe

    def create_token(self, template: str, chain_id: int, values: Mapping[str, str]) -> Plain:
        if values["name"] == "taken":
            raise ServiceError("expected a name that is free, found 'taken': choose another")
        made = {"address": TOKEN, "chain_id": chain_id, "template": template, "name": values["name"], "symbol": None,
                "report_id": None, "job_id": "j1", "verdict": None}  # fmt: skip
        self.safe = replace(self.safe, created=(*self.safe.created, made))
        return made

    def lock(self, chain_id: int, values: Mapping[str, str]) -> Plain:
        self.locked.append(values)
        return {}


OUTCOME: dict[str, Any] = {
    "input": None, "succeeded": True, "reason": "", "gas_used": 61_000, "block_number": 8,
    "balances": [
        {"account": TRADER, "asset": TOKEN, "standard": "erc20", "before": 9, "after": 4, "token_id": None},
        {"account": TRADER, "asset": "native", "standard": "native", "before": 9, "after": 4, "token_id": None},
    ],
    "allowances": [
        {"owner": TRADER, "spender": OWNER, "asset": TOKEN, "standard": "erc20", "before": 0, "after": str(2**256 - 1),
         "token_id": None, "spender_has_code": False, "through": None},
    ],
    "risks": [{"code": "x", "severity": "medium", "text": "assets leave the signer", "address": None}],
}  # fmt: skip


def wallet_reading(text: str = "TRAP") -> WalletReading:
    """Return a wallet with an approval of every kind and a token of every standard, whose texts are this one."""
    collection, shared, silent = ("0x" + digits * 20 for digits in ("c0", "50", "51"))
    keys = (
        (ApprovalKey("allowance", TOKEN, OWNER), 2**256 - 1, 500, "account"),
        (ApprovalKey("through", TOKEN, OWNER, through=shared), 60, 60, "contract"),
        (ApprovalKey("piece", collection, shared, 7), 1, 1, "delegated"),
        (ApprovalKey("collection", collection, shared), 1, 3, "contract"),
        (ApprovalKey("allowance", silent, shared), None, None, "unread"),
    )
    approvals = tuple(
        StandingApproval(key, amount, stake, is_, 2**48 - 1 if key.through else None, 3, "0x" + "7a" * 32)
        for key, amount, stake, is_ in keys
    )
    tokens = (
        TokenOfWallet(TOKEN, "erc20", text, text, 18, 500),
        TokenOfWallet(collection, "erc721", text, text, None, 3),
        TokenOfWallet(silent, "erc20"),
        TokenOfWallet(shared, "erc1155", None, text, None, 2**70),
    )
    reasons = ("approvals: blocks before 3 were not looked at",)
    return WalletReading(31337, TRADER, 7, "0x" + "b1" * 32, START_S, tokens, approvals, reasons)


def verdicts_of_wallet() -> dict[str, ScreenedContract]:
    """Return a verdict of every kind on what that wallet holds."""
    return {
        TOKEN: ScreenedContract("malicious", "r-rich", "Reject."),
        OWNER: ScreenedContract("no code", lists=("phishing_activities",)),
        "0x" + "c0" * 20: ScreenedContract("under way"),
        "0x" + "50" * 20: ScreenedContract("caution", "r-rich"),
    }


def stages(running: int) -> tuple[StageView, ...]:
    """Return the stages of a job of which one is running."""
    states = ["done" if place < running else "running" if place == running else "waiting" for place in range(5)]
    return tuple(
        StageView(name, state, 0.042 if state == "done" else None) for name, state in zip(STAGES, states, strict=True)
    )


def full_services() -> KeptServices:
    """Return services in which every page has something to show."""
    template = TemplateView("fixed", "Fixed supply", "All tokens exist from the first block on.", PARAMETERS,
                        ("Nobody can make new tokens", "Nobody can stop a transfer"))  # fmt: skip
    chain = Chain(31337, "Development", True, True)
    lock = {"lock_id": 1, "token": TOKEN, "owner": OWNER, "amount": str(10**22), "end_s": START_S + 9**8, "is_lp": True}
    created = {"address": TOKEN, "chain_id": 31337, "template": "fixed", "name": "Plain Coin", "symbol": "PLN",
               "report_id": "r-rich", "job_id": None, "verdict": "clear"}  # fmt: skip
    followed = Followed(31337, TOKEN, "2026-11-22T10:00:00+00:00", "malicious", "Trap of Silk", "TRAP", 19_000_201)
    services = KeptServices(
        watching=Watch((followed,), (alert(2), alert(1, title="Code was replaced", draft=None)), True),
        safe=SafeTokens((template,), (chain,), (created,), (lock,)),
        reading=wallet_reading(),
        known=verdicts_of_wallet(),
        used=(Usage("2026-11-29", "key:A", "reports", 2, 0), Usage("2026-11-30", "<b>B</b>", "reports", 1_204, 3)),
    )
    services.keep(rich_report(), runtime()).keep(bare_report())
    services.keep(
        rich_report("r-older", screened_at="2026-10-01T10:00:00+00:00", block_number=18_000_000,
                    capabilities={**capabilities(), "blacklist": Capability("blacklist", Answer.NO, "no such write")},
                    verdict=Verdict("clear", "house", "2026-01-01")),
        runtime(),
    )  # fmt: skip
    services.jobs["j1"] = JobView("j1", TOKEN, "running", stages(2), 0.31)
    services.batches["b1"] = ScreeningBatch("b1", "2026-11-22T10:00:00+00:00", many_rows(10_000), 12.5)
    return services


@cache
def many_rows(count: int) -> list[BatchRow]:
    """Return rows of every state and verdict."""
    words = ("malicious", "caution", "unknown", "clear")
    rows = []
    for number in range(1, count + 1):
        label = f"0x{number:040x}"
        if number % 97 == 0:
            rows.append(
                BatchRow(number, f"line {number}", "refused", reason="expected 0x and 40 hex digits, found 'line'")
            )
        elif number > count - 50:
            rows.append(BatchRow(number, label, "waiting"))
        else:
            yes = ("mint", "limit", "fee_change")[: number % 4]
            rows.append(BatchRow(number, label, "done", words[number % 4], f"Token {number}", "TKN", yes, number % 7,
                            0.01 * (number % 50), "r-rich"))  # fmt: skip
    return rows


def application(services: KeptServices) -> FastAPI:
    """Return an application with the pages under /screening, as the service mounts them, for any caller."""
    app = FastAPI()

    @app.middleware("http")
    async def known_caller(request: Request, onward: Callable[[Request], Awaitable[Response]]) -> Response:
        request.scope["tarazy_caller"] = Caller("test", SCOPES, RateLimit(0, 0))
        return await onward(request)

    app.include_router(screening_router(services), prefix="/screening")
    return app


class Reader:
    """Somebody who reads pages and sends forms; keeps cookies, follows no redirection."""

    def __init__(self, services: KeptServices) -> None:
        self._app = application(services)
        self.cookies = httpx.Cookies()

    def get(self, path: str, **more: Any) -> httpx.Response:
        """Return the answer to a request for a page under /screening."""
        return self.send("GET", path, **more)

    def post(self, path: str, fields: Mapping[str, str], **more: Any) -> httpx.Response:
        """Return the answer to a form sent as our own page sends it, with its token."""
        token = self.token()
        return self.send("POST", path, data={**fields, "form_token": token}, **more)

    def token(self) -> str:
        """Return the token of a form."""
        page = self.get("/").text
        return page.partition('name="form_token" value="')[2].partition('"')[0]

    def send(self, method: str, path: str, **more: Any) -> httpx.Response:
        """Return the answer to any request."""
        more["headers"] = {"accept": "text/html", **more.get("headers", {})}

        async def ask() -> httpx.Response:
            transport = httpx.ASGITransport(self._app, raise_app_exceptions=True)
            async with httpx.AsyncClient(
                transport=transport, base_url="http://console", cookies=self.cookies
            ) as client:
                answer = await client.request(method, f"/screening{path}", **more)
                self.cookies = client.cookies
                return answer

        return asyncio.run(ask())


def client(services: KeptServices) -> Reader:
    """Return a reader of pages over these services."""
    return Reader(services)
