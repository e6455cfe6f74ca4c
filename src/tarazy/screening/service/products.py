"""What the service meters: the products behind its paths, as they stand on a bill."""

from __future__ import annotations

# The first that a path begins with counts. What helps a caller to ask (keys, health, documentation) is free.
PRODUCTS: tuple[tuple[str, str], ...] = (
    ("/api/v1/token_security/", "token security"),
    ("/api/v1/rugpull_detecting/", "rug pull"),
    ("/api/v1/address_security/", "address security"),
    ("/api/v1/approval_security/", "approval security"),
    ("/api/v2/token_approval_security/", "wallet approvals"),
    ("/api/v2/nft721_approval_security/", "wallet approvals"),
    ("/api/v2/nft1155_approval_security/", "wallet approvals"),
    ("/api/v1/abi/input_decode", "call decoding"),
    ("/api/v1/transaction_simulation", "transaction simulation"),
    ("/v1/screening/transactions", "transaction simulation"),
    ("/v1/screening/wallets/", "wallets of holders"),
    ("/open/api/v1/locks/", "locks"),
    ("/v1/screening/reports", "reports"),
    ("/v1/screening/contracts/", "reports"),
    ("/v1/screening/jobs/", ""),
    ("/v1/screening/key", ""),
    ("/v1/screening/health", ""),
    ("/v1/screening/status", ""),
    ("/v1/screening/usage", ""),
    ("/v1/screening/openapi.json", ""),
    ("/v1/screening/invalidations", ""),
    ("/v1/screening", "screening"),
)


def product_of(path: str) -> str:
    """Return the product behind a path, nothing where it is not metered."""
    return next((product for begin, product in PRODUCTS if path.startswith(begin)), "")
