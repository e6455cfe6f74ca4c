"""A holder's transaction as it is played, and its answer as plain data: for the service and the command line."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from tarazy.chains.evm import abi
from tarazy.chains.evm.node import Node
from tarazy.screening.holder.answers import ContractAnswers
from tarazy.screening.holder.judging import HIGH, LEVELS, MEDIUM, JudgedApproval, judge_one
from tarazy.screening.holder.model import ALLOWANCE, COLLECTION, PIECE, ApprovalKey, StandingApproval, TokenOfWallet
from tarazy.screening.holder.reading import FIELDS, amounts_of, kind_of, standard_of, token_of
from tarazy.screening.holder.revocation import revocation_of, wallet_request
from tarazy.screening.holder.signing import (
    EFFECTS,
    FAILS,
    STAYS,
    SigningWords,
    assets_of,
    effect_of,
    given_by,
    mine,
    named_approval,
    risk_of,
    signing_words,
    token_standard,
)
from tarazy.screening.model import to_plain
from tarazy.screening.simulation.measure import Question
from tarazy.screening.simulation.transaction_request import TransactionRequest

ASKING_S = 4.0
REVOCATION_GAS_MAX = 300_000  # one that costs more does something else: a usual one takes about 50,000
GIVES = "risky_function"  # that `approve` gives something away is not so where it takes it back
STANDARDS = {ALLOWANCE: "erc20", PIECE: "erc721", COLLECTION: "collection"}


def signed_by(chain_id: int, wallet: str, to: str, data: bytes, value_wei: int) -> TransactionRequest:
    """Return the transaction that the holder is about to sign, as it is played."""
    return TransactionRequest(chain_id=chain_id, sender=wallet, to=to, data=data, value=value_wei)


def revoking(chain_id: int, wallet: str, key: ApprovalKey) -> TransactionRequest:
    """Return the transaction that ends an approval, as it is played: the approval itself is asked before and after."""
    revocation, standard = revocation_of(key), STANDARDS.get(key.kind, "permit2")
    asked = Question("allowance", standard, key.token, wallet, key.spender, key.token_id, key.through)
    return TransactionRequest(chain_id, wallet, revocation.to, revocation.data, watched=(asked,))


def signing_view(
    asked: TransactionRequest, outcome: Mapping[str, Any], node: Node, suspicious: Mapping[str, str]
) -> dict[str, Any]:
    """Return what signing would do as plain data.

    Raises: NodeError.
    """
    tokens = facts_of(node, outcome, asked.sender)
    words = signing_words(outcome, asked.sender, tokens, suspicious, left_standing(asked, outcome, node))
    return {
        **to_plain(words),
        "request": wallet_request(asked.chain_id, asked.sender, asked.to or "", asked.data, asked.value),
        "outcome": dict(outcome),
        "suspicious": dict(suspicious),
    }


def left_standing(asked: TransactionRequest, outcome: Mapping[str, Any], node: Node) -> list[JudgedApproval]:
    """Return the approval that the input names where it stands and the transaction leaves it as it is.

    Raises: NodeError.
    """
    key = named_approval(outcome, asked.sender, asked.to or "")
    if key is None:
        return []
    return [judge_one(each, token, {}) for each, token in one_approval(node, asked.sender, key) if each.amount != 0]


def facts_of(node: Node, outcome: Mapping[str, Any], wallet: str) -> dict[str, TokenOfWallet]:
    """Return what the tokens of an outcome say of themselves now; that is for the words alone.

    Raises: NodeError.
    """
    assets = assets_of(outcome, wallet)
    changes = [*mine(outcome, wallet), *given_by(outcome, wallet)]
    standards = {each["asset"]: token_standard(each["standard"]) for each in changes}
    answers = ContractAnswers(node, "latest", time.monotonic() + ASKING_S)
    found = answers.calls([(each, abi.call_data(name)) for each in assets for name in FIELDS])
    count = len(FIELDS)
    return {
        each: token_of(each, standards[each], None, found[count * at : count * (at + 1)])
        for at, each in enumerate(assets)
    }


def amount_now(node: Node, wallet: str, key: ApprovalKey) -> int | None:
    """Return what an approval permits at the newest block, None where the contract gives no answer.

    Raises: NodeError.
    """
    ((found, _),) = one_approval(node, wallet, key)
    return found.amount


def one_approval(node: Node, wallet: str, key: ApprovalKey) -> list[tuple[StandingApproval, TokenOfWallet]]:
    """Return an approval at the newest block with its token, whether it stands or not.

    Raises: NodeError.
    """
    block = node.block("latest")
    answers = ContractAnswers(node, block.number, time.monotonic() + ASKING_S)
    (amount,) = amounts_of(answers, wallet, [key], block)
    balance, *facts = answers.calls(
        [(key.token, data) for data in (abi.call_data("balanceOf(address)", wallet), *map(abi.call_data, FIELDS))]
    )
    token = token_of(key.token, standard_of(key), abi.number(balance or b""), facts)
    (code,) = answers.codes([key.spender])
    permitted, ends = amount if amount is not None else (None, None)
    return [(StandingApproval(key, permitted, None, kind_of(code), ends), token)]


def revocation_view(
    asked: TransactionRequest,
    key: ApprovalKey,
    outcome: Mapping[str, Any],
    stands: int | None,
    node: Node,
    suspicious: Mapping[str, str],
) -> dict[str, Any]:
    """Return a revocation as plain data: the transaction, and what it does as it was played.

    Raises: NodeError.
    """
    words = signing_words(outcome, asked.sender, facts_of(node, outcome, asked.sender), suspicious)
    return revocation_of_outcome(asked, key, outcome, stands, words)


def revocation_of_outcome(
    asked: TransactionRequest, key: ApprovalKey, outcome: Mapping[str, Any], stands: int | None, words: SigningWords
) -> dict[str, Any]:
    """Return a revocation that was played as plain data."""
    effect = effect_of(outcome, asked.sender, asked.watched[0], stands)
    warnings = []
    if effect in (STAYS, FAILS):
        warnings.append(risk_of("no_effect", HIGH, EFFECTS[effect], key.token))
    if int(outcome["gas_used"]) > REVOCATION_GAS_MAX:
        text = f"it uses {int(outcome['gas_used']):,} gas, where a usual revocation takes about 50,000"
        warnings.append(risk_of("much_gas", MEDIUM, text, key.token))
    risks = [*warnings, *(each for each in to_plain(words.risks) if each["code"] != GIVES)]
    return {
        **to_plain(key),
        "token_id": None if key.token_id is None else str(key.token_id),
        "amount": to_plain(stands),
        "nothing_stands": stands == 0,
        "effect": effect,
        "effect_words": EFFECTS[effect],
        "words": revocation_of(key).words,
        "to": asked.to,
        "data": "0x" + asked.data.hex(),
        "request": wallet_request(asked.chain_id, asked.sender, asked.to or "", asked.data),
        "gas_used": outcome["gas_used"],
        "block_number": outcome["block_number"],
        "changes": list(words.changes),
        "risks": risks,
        "level": min((risk["severity"] for risk in risks), key=LEVELS.index, default=LEVELS[-1]),
    }
