"""What a transaction changes, measured by asking before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tarazy.screening.simulation.abi import call_data
from tarazy.screening.simulation.actors import BYSTANDER
from tarazy.screening.simulation.decode import Decoded
from tarazy.screening.simulation.engine import ZERO_ADDRESS, CallOutcome, EvmEngine, sandbox, view
from tarazy.screening.simulation.events import DecodedEvent
from tarazy.screening.simulation.fork import ForkedEngine

QUESTIONS_MAX = 256
UNLIMITED = 1 << 128  # an allowance from here on has no end in practice; some tokens keep only 96 bits
PERMIT2_APPROVE = "approve(address,address,uint160,uint48)"
ALL_BITS = tuple((1 << bits) - 1 for bits in (96, 128, 160, 256))


def is_unlimited(allowance: int) -> bool:
    """Return whether an allowance has no end in practice."""
    return allowance in ALL_BITS or allowance >= UNLIMITED


@dataclass(frozen=True, slots=True)
class BalanceDelta:
    """One account's change in one asset. `asset` is "native" or a contract; `token_id` for single tokens."""

    account: str
    asset: str
    standard: str  # "native" | "erc20" | "erc721" | "erc1155"
    before: int
    after: int
    token_id: int | None = None

    @property
    def change(self) -> int:
        """Return what came (above zero) or went."""
        return self.after - self.before


@dataclass(frozen=True, slots=True)
class AllowanceChange:
    """What somebody may take of somebody's afterwards. For whole collections and single tokens amounts are 0 and 1.

    `through` is the contract that keeps allowances for others, as Permit2 does, where the allowance is one of its.
    """

    owner: str
    spender: str
    asset: str
    standard: str  # "erc20" | "erc721" | "collection" | "permit2"
    before: int
    after: int
    token_id: int | None = None
    spender_has_code: bool = True
    through: str | None = None

    @property
    def unlimited(self) -> bool:
        """Return whether there is no end to what may be taken."""
        return self.standard == "collection" or is_unlimited(self.after)


@dataclass(frozen=True, slots=True)
class Measured:
    """All changes of a transaction; `looked` are the accounts that it looked at."""

    balances: tuple[BalanceDelta, ...] = ()
    allowances: tuple[AllowanceChange, ...] = ()
    looked: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Question:
    """One thing to ask before and after."""

    kind: str  # "balance" or "allowance"
    standard: str
    asset: str
    account: str
    spender: str = ""
    token_id: int | None = None
    through: str | None = None


def measure(
    engine: ForkedEngine,
    sender: str,
    hinted: Iterable[Question],
    seen: Iterable[str],
    play: Callable[[EvmEngine], CallOutcome],
) -> Measured:
    """Ask what events, the input and the accounts that were looked at hint at; play it, ask again, and undo it."""
    questions = list(dict.fromkeys(hinted))[:QUESTIONS_MAX]
    looked = sorted(account for account in seen if account != BYSTANDER)
    with sandbox(engine):
        questions += [
            asked
            for account in looked
            if engine.code(account) and (asked := Question("balance", "erc20", account, sender)) not in questions
        ]
        before = {question: ask(engine, question) for question in questions}
        ether = {account: engine.balance(account) for account in looked}
        play(engine.inner)  # all that it looks at is there
        changes = native(engine, ether) + balances(engine, before)
        return Measured(tuple(changes), tuple(allowances(engine, before)), tuple(looked))


def native(engine: EvmEngine, before: dict[str, int]) -> list[BalanceDelta]:
    """Return changes of ether, without the fee."""
    now = {account: engine.balance(account) for account in before}
    return [BalanceDelta(a, "native", "native", before[a], now[a]) for a in before if before[a] != now[a]]


def balances(engine: EvmEngine, before: dict[Question, int | None]) -> list[BalanceDelta]:
    """Return changes of tokens."""
    found = []
    for question, was in before.items():
        now = ask(engine, question) if question.kind == "balance" else None
        if was is not None and now is not None and was != now:
            change = BalanceDelta(question.account, question.asset, question.standard, was, now, question.token_id)
            found.append(change)
    return found


def allowances(engine: EvmEngine, before: dict[Question, int | None]) -> list[AllowanceChange]:
    """Return changes of allowances."""
    found = []
    for q, was in before.items():
        now = ask(engine, q) if q.kind == "allowance" else None
        if now is not None and (was or 0) != now:
            code, amounts = bool(engine.code(q.spender)), (was or 0, now)
            found.append(
                AllowanceChange(q.account, q.spender, q.asset, q.standard, *amounts, q.token_id, code, q.through)
            )
    return found


def ask(engine: EvmEngine, question: Question) -> int | None:
    """Return the answer of a token, None where it gives none."""
    standard, account, token_id = question.standard, question.account, question.token_id or 0
    if question.kind == "balance":
        if standard == "erc721":
            owner = view(engine, question.asset, call_data("ownerOf(uint256)", token_id), BYSTANDER).word
            return int(owner == int(account, 16))  # no answer: nobody owns it
        if standard == "erc1155":
            data = call_data("balanceOf(address,uint256)", account, token_id)
        else:
            data = call_data("balanceOf(address)", account)
        return view(engine, question.asset, data, BYSTANDER).word
    if standard == "collection":
        data = call_data("isApprovedForAll(address,address)", account, question.spender)
    elif standard == "erc721":
        approved = view(engine, question.asset, call_data("getApproved(uint256)", token_id), BYSTANDER).word
        return None if approved is None else int(approved == int(question.spender, 16))
    elif question.through is not None:
        data = call_data("allowance(address,address,address)", account, question.asset, question.spender)
        return view(engine, question.through, data, BYSTANDER).word
    else:
        data = call_data("allowance(address,address)", account, question.spender)
    return view(engine, question.asset, data, BYSTANDER).word


def from_events(events: Iterable[DecodedEvent]) -> list[Question]:
    """Return what events say could have changed."""
    found: list[Question] = []
    for event in events:
        fields, asset = dict(event.arguments), event.address
        if event.name == "Transfer":
            standard = "erc721" if "token_id" in fields else "erc20"
            for account in (fields["from"], fields["to"]):
                if account != ZERO_ADDRESS:
                    found.append(Question("balance", standard, asset, account, "", fields.get("token_id")))
        elif event.name in ("Deposit", "Withdrawal"):
            found.append(Question("balance", "erc20", asset, fields.get("to") or fields["from"]))
        elif event.name in ("TransferSingle", "TransferBatch"):
            ids = fields["ids"] if "ids" in fields else [fields["id"]]
            accounts = [account for account in (fields["from"], fields["to"]) if account != ZERO_ADDRESS]
            found += [Question("balance", "erc1155", asset, account, "", one) for account in accounts for one in ids]
        elif event.name in ("Approval", "Permit") and "token" in fields:
            named = (fields["token"], fields["owner"], fields["spender"])
            found.append(Question("allowance", "permit2", *named, through=asset))
        elif event.name == "Approval":
            standard = "erc721" if "token_id" in fields else "erc20"
            if fields["spender"] != ZERO_ADDRESS:
                found.append(
                    Question("allowance", standard, asset, fields["owner"], fields["spender"], fields.get("token_id"))
                )
        elif event.name == "ApprovalForAll":
            found.append(Question("allowance", "collection", asset, fields["owner"], fields["operator"]))
    return found


def from_input(decoded: Decoded | None, sender: str, to: str | None) -> list[Question]:
    """Return what the input asks for, in case the contract keeps quiet about it."""
    if decoded is None or to is None:
        return []
    addresses = [a.value for a in decoded.arguments if a.type == "address" and a.value != ZERO_ADDRESS]
    if decoded.signature == PERMIT2_APPROVE and len(addresses) == 2:
        return [Question("allowance", "permit2", addresses[0], sender, addresses[1], through=to)]
    if decoded.name in ("approve", "increaseAllowance", "increaseApproval") and addresses:
        return [Question("allowance", "erc20", to, sender, addresses[0])]
    if decoded.name == "setApprovalForAll" and addresses:
        return [Question("allowance", "collection", to, sender, addresses[0])]
    if decoded.name == "permit" and len(addresses) >= 2:
        return [Question("allowance", "erc20", to, addresses[0], addresses[1])]
    return [Question("balance", "erc20", to, account) for account in addresses]
