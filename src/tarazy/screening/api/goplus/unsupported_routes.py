"""Routes of the GoPlus format that this service cannot answer honestly: each says so with a code and never guesses.

Sites and applications: nothing is known of any (2026). Collections, other kinds of chain, wallet scans and dust
attacks: no chain is supported for them (2018), and supported_chains lists none.
"""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from tarazy.platform.web.responding import caller_of
from tarazy.screening.api.goplus.envelope import GoplusCode
from tarazy.screening.api.goplus.responding import answer_envelope

router = APIRouter(tags=["GoPlus format: not answered"])

NOT_ANSWERED: tuple[tuple[str, str, GoplusCode, str], ...] = (
    ("GET", "/api/v1/phishing_site", GoplusCode.DAPP_UNKNOWN, "sites are not looked at"),
    ("GET", "/api/v1/dapp_security", GoplusCode.DAPP_UNKNOWN, "applications are not looked at"),
    ("GET", "/api/v1/nft_security/{chain_id}", GoplusCode.CHAIN_UNSUPPORTED, "collections are not screened"),
    ("GET", "/api/v1/solana/token_security", GoplusCode.CHAIN_UNSUPPORTED, "EVM chains only"),
    ("GET", "/api/v1/sui/token_security", GoplusCode.CHAIN_UNSUPPORTED, "EVM chains only"),
    ("POST", "/pis/api/v1/solana/pre_execution", GoplusCode.CHAIN_UNSUPPORTED, "EVM chains only"),
    ("POST", "/api/v1/dust_attack_detection", GoplusCode.CHAIN_UNSUPPORTED, "dust attacks are not looked for"),
    ("GET", "/api/v1/address/scan/{chain_id}", GoplusCode.CHAIN_UNSUPPORTED, "wallets are not scanned"),
    ("GET", "/api/v1/address/result", GoplusCode.CHAIN_UNSUPPORTED, "wallets are not scanned"),
)


def add(method: str, path: str, code: GoplusCode, detail: str) -> None:
    """Add one route that answers its code."""

    async def answer(request: Request) -> Response:
        caller_of(request).need("read")
        return answer_envelope(request, code, None, detail)

    summary = f"Not answered: code {int(code)}, {detail}"
    router.add_api_route(path, answer, methods=[method], summary=summary, name=path)


for each in NOT_ANSWERED:
    add(*each)
