"""The routes of our own format for holders: a wallet, a transaction before it is signed, a revocation."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import BaseModel, ConfigDict, Field

from tarazy.platform.refusals import BAD_PARAMETER, RefusedError
from tarazy.platform.web.responding import answer_json, caller_of
from tarazy.screening.api import parameters
from tarazy.screening.api.state import holders_of
from tarazy.screening.api.transactions import DATA_BYTES_MAX
from tarazy.screening.holder.model import ALLOWANCE, KINDS, PIECE, THROUGH, ApprovalKey

router = APIRouter(prefix="/v1/screening/wallets", tags=["Holders"])

ChainId = Annotated[str, Path(max_length=40, description="Number of a chain that this service reads through a node.")]
Wallet = Annotated[str, Path(max_length=80, description="Address of the wallet.")]


class HolderTransaction(BaseModel):
    """A transaction that the holder is about to sign. Numbers as numbers, decimal text or 0x text."""

    model_config = ConfigDict(extra="forbid")

    to: str = Field(max_length=80, description="Account or contract that it goes to.")
    data: str | None = Field(None, description=f"0x text, at most {DATA_BYTES_MAX:,} bytes.")
    value: int | str | None = Field(None, description="Wei.")


class HolderRevocation(BaseModel):
    """An approval to end, as the wallet's answer names it."""

    model_config = ConfigDict(extra="forbid")

    kind: Literal["allowance", "piece", "collection", "through"] = "allowance"
    token: str = Field(max_length=80, description="Token or collection.")
    spender: str = Field(max_length=80, description="Who may take.")
    token_id: int | str | None = Field(None, description="Of kind piece: which one.")
    through: str | None = Field(None, max_length=80, description="Of kind through: the contract that keeps it.")


def approval_key(given: dict[str, Any]) -> ApprovalKey:
    """Return which approval is meant.

    Raises: RefusedError where a kind has not its own fields.
    """
    kind = given.get("kind") or ALLOWANCE
    if kind not in KINDS:
        raise RefusedError(BAD_PARAMETER, f"kind: expected one of {', '.join(KINDS)}, found {parameters.shown(kind)}")
    token_id, through = parameters.quantity(given.get("token_id"), "token_id"), given.get("through") or None
    if (kind == PIECE) != (token_id is not None):
        raise RefusedError(BAD_PARAMETER, f"token_id: expected it of kind {PIECE} alone, found kind {kind}")
    if (kind == THROUGH) != (through is not None):
        raise RefusedError(BAD_PARAMETER, f"through: expected it of kind {THROUGH} alone, found kind {kind}")
    return ApprovalKey(
        kind=kind,
        token=parameters.address(given.get("token"), "token"),
        spender=parameters.address(given.get("spender"), "spender"),
        token_id=token_id,
        through=parameters.address(through, "through") if through is not None else None,
    )


@router.get("/{chain_id}/{address}", summary="A wallet's tokens and standing approvals, with verdicts")
async def wallet_route(request: Request, chain_id: ChainId, address: Wallet) -> Response:
    """Read a wallet at the newest block: what it holds, who may take what, the most dangerous first.

    Contracts without a verdict are screened (25 a question) and waited for 3 s; `under_way` counts those to ask for
    again. `not_looked_at` says what bounds left out; empty where nothing was.
    """
    holders, caller = holders_of(request), caller_of(request)
    caller.need("read")
    place = parameters.chain(chain_id), parameters.address(address)
    return answer_json(request, await holders.wallet(*place, caller.name))


@router.post("/{chain_id}/{address}/transactions", summary="A transaction that the holder is about to sign, in words")
async def sign_route(request: Request, chain_id: ChainId, address: Wallet, asked: HolderTransaction) -> Response:
    """Play a transaction of the wallet on the newest block and say what it changes for the holder, and its risks.

    `request` is the same transaction as a wallet in a browser takes it (EIP-1193).
    """
    holders, caller = holders_of(request), caller_of(request)
    caller.need("simulate")
    place = parameters.chain(chain_id), parameters.address(address)
    data = parameters.hex_bytes(asked.data or "0x", "data", DATA_BYTES_MAX)
    value = parameters.quantity(asked.value, "value") or 0
    return answer_json(request, await holders.sign(*place, parameters.address(asked.to, "to"), data, value))


@router.post("/{chain_id}/{address}/revocations", summary="The transaction that ends an approval, prepared and played")
async def revoke_route(request: Request, chain_id: ChainId, address: Wallet, asked: HolderRevocation) -> Response:
    """Prepare the transaction that ends an approval; `effect` says what it does as it was played on the newest block.

    Nothing is sent and no key is asked for: the holder's own wallet signs `request`, or any tool sends `data` to `to`.
    """
    holders, caller = holders_of(request), caller_of(request)
    caller.need("simulate")
    place = parameters.chain(chain_id), parameters.address(address)
    return answer_json(request, await holders.revoke(*place, approval_key(asked.model_dump())))
