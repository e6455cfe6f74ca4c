"""What is known of a wallet at one block: the tokens that it holds and the approvals that stand, as plain data."""

from __future__ import annotations

from dataclasses import dataclass

from tarazy.screening.simulation.measure import is_unlimited

# Kinds of approvals: an amount of a fungible token; one piece of a collection; all its pieces, now and later; an
# amount by way of a contract that keeps allowances for others, as Permit2 does.
ALLOWANCE, PIECE, COLLECTION, THROUGH = "allowance", "piece", "collection", "through"
KINDS = (ALLOWANCE, PIECE, COLLECTION, THROUGH)
# Who a spender is: code without a key, an account with one, an account that lets code act for it (EIP-7702), not read.
CONTRACT, ACCOUNT, DELEGATED, UNREAD = "contract", "account", "delegated", "unread"


@dataclass(frozen=True, slots=True)
class HolderBounds:
    """How much is read for one wallet. Units: blocks back from the newest; seconds for all of it."""

    blocks_max: int = 5_000_000
    logs_max: int = 10_000
    approvals_max: int = 200
    tokens_max: int = 200
    seconds: float = 8.0


@dataclass(frozen=True, slots=True)
class ApprovalKey:
    """Which approval: what may be taken and by whom. `through` is the contract that keeps it for others."""

    kind: str
    token: str
    spender: str
    token_id: int | None = None
    through: str | None = None


@dataclass(frozen=True, slots=True)
class TokenOfWallet:
    """A token that came to the wallet or was approved by it.

    Units: `balance` in minor units, or pieces of a collection; None where the token gives no answer.
    """

    address: str
    standard: str  # "erc20" | "erc721" | "erc1155" | "collection"
    name: str | None = None
    symbol: str | None = None
    decimals: int | None = None
    balance: int | None = None


@dataclass(frozen=True, slots=True)
class StandingApproval:
    """An approval as the state has it; the log that led to it is named and proves nothing.

    Units: `amount` and `at_stake` in minor units, for collections in pieces; None where the token gives no answer.
    `expires_s` in seconds since 1970, only of kind through.
    """

    key: ApprovalKey
    amount: int | None
    at_stake: int | None
    spender_is: str
    expires_s: int | None = None
    block_number: int | None = None
    transaction: str = ""

    @property
    def unlimited(self) -> bool:
        """Return whether there is no end to what may be taken."""
        if self.key.kind == COLLECTION:
            return True
        return self.key.kind != PIECE and self.amount is not None and is_unlimited(self.amount)


@dataclass(frozen=True, slots=True)
class WalletReading:
    """All that was read of a wallet at one block. `reasons` say what was not looked at; empty where all was."""

    chain_id: int
    wallet: str
    block_number: int
    block_hash: str
    time_s: int
    tokens: tuple[TokenOfWallet, ...] = ()
    approvals: tuple[StandingApproval, ...] = ()
    reasons: tuple[str, ...] = ()

    def token(self, address: str) -> TokenOfWallet:
        """Return what is known of a token."""
        return next((each for each in self.tokens if each.address == address), TokenOfWallet(address, "erc20"))
