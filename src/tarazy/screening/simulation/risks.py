"""What is risky about a transaction, in words that somebody who is asked to sign can use."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tarazy.screening.simulation.calls import InnerCall
from tarazy.screening.simulation.decode import Decoded
from tarazy.screening.simulation.engine import CallOutcome
from tarazy.screening.simulation.measure import Measured
from tarazy.screening.simulation.sources import ChainAccount
from tarazy.screening.simulation.transaction_request import Known, TransactionRequest

NEARLY_ALL = 20  # what is left is less than this part


@dataclass(frozen=True, slots=True)
class Risk:
    """One risk. `severity` is "high", "medium" or "low"; `address` whom it is about."""

    code: str
    severity: str
    text: str
    address: str | None = None


def risks_of(
    request: TransactionRequest,
    outcome: CallOutcome,
    measured: Measured,
    decoded: Decoded | None,
    calls: Sequence[InnerCall],
    target: ChainAccount,
    known: Known,
) -> tuple[Risk, ...]:
    """Return the risks of a transaction, the gravest first."""
    found = [
        *of_known(request, measured, decoded, calls, known),
        *of_allowances(request, measured),
        *of_balances(request, measured, decoded),
        *of_target(request, target, decoded),
        *of_calls(calls, decoded),
    ]
    if not outcome.succeeded:
        found.append(Risk("would_fail", "medium", f"the transaction would fail: {outcome.reason}", request.to))
    order = ("high", "medium", "low")
    return tuple(sorted(dict.fromkeys(found), key=lambda risk: order.index(risk.severity)))


def of_known(
    request: TransactionRequest,
    measured: Measured,
    decoded: Decoded | None,
    calls: Sequence[InnerCall],
    known: Known,
) -> list[Risk]:
    """Return what the lists say about every address that is part of it."""
    named = [argument.value for argument in decoded.arguments if argument.type == "address"] if decoded else []
    spenders = [change.spender for change in measured.allowances]
    reached = dict.fromkeys(
        [*filter(None, [request.to]), *named, *spenders, *(call.code for call in calls), *measured.looked]
    )
    bad = {address.lower(): reason for address, reason in known.malicious.items()}
    closed = {address.lower() for address in known.unverified}
    found = [
        Risk("known_malicious", "high", f"{address} is known as malicious: {bad[address]}", address)
        for address in reached
        if address in bad
    ]
    called = dict.fromkeys([*filter(None, [request.to]), *(call.code for call in calls)])
    found += [
        Risk("unverified_contract", "medium", f"{address} runs code whose source is not verified", address)
        for address in called
        if address in closed
    ]
    return found


def of_allowances(request: TransactionRequest, measured: Measured) -> list[Risk]:
    """Return what others may take afterwards."""
    found = []
    for change in measured.allowances:
        if change.owner != request.sender or change.after <= change.before:
            continue
        who, asset = change.spender, change.asset
        if change.standard == "collection":
            text = f"{who} may take every token of the collection {asset} from the signer"
            found.append(Risk("approval_for_all", "high", text, who))
        elif change.unlimited and change.standard in ("erc20", "permit2"):
            text = f"{who} may take the signer's whole balance of {asset}, now and whatever comes later"
            found.append(Risk("unlimited_approval", "medium", text, who))
        else:
            found.append(Risk("approval", "low", f"{who} may take {change.after} of {asset} from the signer", who))
        if not change.spender_has_code:
            text = f"{who} is allowed to take tokens and is no contract: somebody holds its key"
            found.append(Risk("approval_to_account", "high", text, who))
    return found


def of_balances(request: TransactionRequest, measured: Measured, decoded: Decoded | None) -> list[Risk]:
    """Return what the signer loses."""
    mine = [change for change in measured.balances if change.account == request.sender]
    gone = [change for change in mine if change.change < 0]
    found = []
    for change in gone:
        if change.standard in ("erc20", "native") and change.after * NEARLY_ALL < change.before:
            what = "ether" if change.asset == "native" else change.asset
            rest = "nothing is left" if not change.after else "almost nothing is left"
            found.append(
                Risk("transfer_of_everything", "medium", f"the signer gives all {what} away; {rest}", change.asset)
            )
    if len([change for change in gone if change.asset != "native"]) >= 3:
        found.append(Risk("many_assets", "high", f"{len(gone)} assets leave the signer at once", request.to))
    simple = decoded is None or decoded.selector is None or decoded.name == "transfer"
    if gone and not simple and not any(change.change > 0 for change in mine):
        text = "assets leave the signer and nothing comes back to him in this transaction"
        found.append(Risk("nothing_in_return", "medium", text, request.to))
    return found


def of_target(request: TransactionRequest, account: ChainAccount, decoded: Decoded | None) -> list[Risk]:
    """Return what is odd about where the transaction goes."""
    if request.to is None:
        return []
    found = []
    if not account.code and request.data:
        ether = "and sends ether" if request.value else ""
        text = (
            f"it calls a function of {request.to}, which has no code: never deployed, or destroyed; nothing runs "
            + ether
        )
        found.append(Risk("no_code", "high" if request.value else "medium", text.strip(), request.to))
    if not account.code and request.value and not account.nonce and not account.balance:
        text = f"{request.to} was never used before: see that the address is right"
        found.append(Risk("unused_receiver", "low", text, request.to))
    if account.code and decoded is not None and decoded.source == "none" and decoded.selector:
        text = f"the function {decoded.selector} of {request.to} is not known"
        found.append(Risk("unknown_function", "low", text, request.to))
    if account.code.startswith(b"\xef\x01\x00"):
        text = f"{request.to} is an account that lets other code act for it; that code was not run here"
        found.append(Risk("delegated_account", "medium", text, request.to))
    return found


def of_calls(calls: Sequence[InnerCall], decoded: Decoded | None) -> list[Risk]:
    """Return what signing this function means, and what is called inside."""
    found = []
    if decoded is not None and decoded.risky and decoded.name in ("permit", "permitTransferFrom"):
        found.append(Risk("permit", "high", f"{decoded.name} {decoded.risk}"))
    elif decoded is not None and decoded.risky:
        found.append(Risk("risky_function", "low", f"{decoded.name or 'the call'}: {decoded.risk}"))
    for call in calls:
        if call.depth and (call.signature or "").startswith("permit"):
            found.append(Risk("permit", "high", f"{call.to} is given a signed permit inside", call.to))
    return found
