"""Safe tokens of a running service: created and locked on chains for development, whose nodes sign for their accounts.

What was made lies in DIR/safe-tokens.json. The time lock of a chain is made with the first lock and from then on
answers the locker calls of the API. Each token is screened like any other.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from tarazy.chains.errors import ChainError, OwnContractError
from tarazy.chains.evm import abi
from tarazy.chains.evm.locks import TokenLock, locks_of
from tarazy.chains.evm.node import Node
from tarazy.console.layout.page_layout import ServiceError
from tarazy.console.screening.services import Chain, ParameterView, Plain, SafeTokens, TemplateView
from tarazy.issuance import templates
from tarazy.issuance.issue import create_time_lock, create_token, lock_tokens
from tarazy.platform.storage.files import write_whole
from tarazy.screening.service.service import ScreeningService

FILE_NAME = "safe-tokens.json"
SECONDS_PER_DAY = 86_400
DAYS_MAX = 36_500
BALANCE_OF = "balanceOf(address)"
KINDS = {
    "decimals": "integer",
    "supply": "integer",
    "fee_ppm": "integer",
    "holder": "address",
    "fee_receiver": "address",
}
DEFAULTS = {"decimals": "18", "supply": "1000000000000000000000000", "fee_ppm": "10000"}
TITLES = {
    "name": "Name",
    "symbol": "Symbol",
    "decimals": "Decimals",
    "supply": "Supply",
    "holder": "First holder",
    "fee_ppm": "Fee",
    "fee_receiver": "Receiver of the fee",
}
PROMISES = (
    "nobody can make tokens after the first moment",
    "nobody can stop, bar, tax or take back a transfer of others",
    "there is no owner, no role, no proxy and no way to add one",
)
Screen = Callable[[int, str], str]


class SafeTokenDesk:
    """Creates and locks for the pages. `lockers` is the table that the service reads at every locker call."""

    def __init__(self, service: ScreeningService, lockers: dict[int, str], chains: list[Chain], screen: Screen) -> None:
        self._service = service
        self._lockers = lockers
        self._chains = tuple(chain for chain in chains if chain.is_dev)
        self._screen = screen
        self._path = service.config.data / FILE_NAME
        self._lock = threading.Lock()
        self._created: list[dict[str, Any]] = []
        self._locked: list[tuple[int, str]] = []  # chain and token of every lock that was made here
        self._recall()

    def _recall(self) -> None:
        if not self._path.exists():
            return
        kept = json.loads(self._path.read_text())
        self._created = kept["created"]
        self._locked = [(chain, token) for chain, token in kept["locked"]]
        for chain, address in kept["lockers"].items():
            self._lockers.setdefault(int(chain), address)

    def _keep(self) -> None:
        kept = {
            "created": self._created,
            "locked": self._locked,
            "lockers": {str(k): v for k, v in self._lockers.items()},
        }
        write_whole(self._path, f"{json.dumps(kept, indent=1)}\n".encode())

    # ------------------------------------------------------------ what pages ask

    def offered(self) -> SafeTokens:
        """Return the templates, what was created, and the locks as the chain has them."""
        if not self._chains:
            reason = "no chain for development is connected: start the server with --rpc 31337=http://127.0.0.1:8545"
            return SafeTokens(template_views(), reason=reason)
        reason, locks = "", []
        try:
            locks = [
                lock_view(chain, each) for chain, token in self._tokens_locked() for each in self._locks(chain, token)
            ]
        except (ChainError, OwnContractError) as error:
            reason = f"the locks cannot be read: {error}"
        created = [self._with_report(token) for token in reversed(self._created)]
        return SafeTokens(template_views(), self._chains, created, locks, reason)

    def create(self, template: str, chain_id: int, values: Mapping[str, str]) -> Plain:
        """Create a token and have it screened.

        Raises: ServiceError.
        """
        with self._lock, told():
            node = self._node(chain_id)
            made = create_token(node, accounts(node)[0], template, values)
            record = {
                "chain_id": chain_id,
                "address": made.address,
                "transaction": made.transaction,
                "template": template,
                "name": values["name"],
                "symbol": values["symbol"],
            }
            self._created.append(record)
            self._keep()
        return {**record, "job_id": self._screen(chain_id, made.address), "report_id": None, "verdict": None}

    def lock(self, chain_id: int, values: Mapping[str, str]) -> Plain:
        """Lock tokens that an account of the node holds.

        Raises: ServiceError.
        """
        amount, days = int(values["amount"]), int(values["days"])
        if not 1 <= days <= DAYS_MAX:
            raise ServiceError(f"Days: expected 1 to {DAYS_MAX:,}, found {days:,}", 422)
        with self._lock, told():
            node, token = self._node(chain_id), values["token"].lower()
            sender = holder_of(node, token, amount)
            if chain_id not in self._lockers:
                self._lockers[chain_id] = create_time_lock(node, sender).address
                self._keep()
            end_s = node.block("latest").timestamp_s + days * SECONDS_PER_DAY
            time_lock = self._lockers[chain_id]
            number = lock_tokens(node, sender, time_lock, token, amount, end_s, owner=values["owner"].lower())
            if (chain_id, token) not in self._locked:
                self._locked.append((chain_id, token))
                self._keep()
        self._screen(chain_id, token)
        return {"lock_id": str(number), "chain_id": chain_id, "token": token, "amount": amount, "end_s": end_s}

    def _node(self, chain_id: int) -> Node:
        source = self._service.sources.get(chain_id)
        if source is None or source.node is None or chain_id not in {chain.chain_id for chain in self._chains}:
            raise ServiceError(f"expected a chain for development with a node, found {chain_id}", 409)
        return source.node

    def _tokens_locked(self) -> list[tuple[int, str]]:
        connected = {chain.chain_id for chain in self._chains}
        return [(chain, token) for chain, token in self._locked if chain in connected and chain in self._lockers]

    def _locks(self, chain_id: int, token: str) -> list[TokenLock]:
        return [each for each in locks_of(self._node(chain_id), self._lockers[chain_id], token) if each.remaining]

    def _with_report(self, token: Mapping[str, Any]) -> Plain:
        stored = self._service.store.latest(token["chain_id"], token["address"])
        found = {"report_id": stored.id, "verdict": stored.verdict} if stored else {"report_id": None, "verdict": None}
        return {**token, **found, "job_id": None}


@contextmanager
def told() -> Iterator[None]:
    """Turn what the chain or the contracts refuse into what a page says."""
    try:
        yield
    except (OwnContractError, ChainError) as error:
        raise ServiceError(str(error), 422) from error


def accounts(node: Node) -> list[str]:
    """Return the accounts for which the node signs.

    Raises: ServiceError where there is none.
    """
    found = node.call("eth_accounts")
    if not isinstance(found, list) or not found or not all(isinstance(each, str) for each in found):
        raise ServiceError("expected a node that signs for its accounts, as a development chain does; it has none", 409)
    return [each.lower() for each in found]


def holder_of(node: Node, token: str, amount: int) -> str:
    """Return an account of the node that holds the amount.

    Raises: ServiceError.
    """
    for account in accounts(node):
        if (abi.number(node.eth_call(token, abi.call_data(BALANCE_OF, account))) or 0) >= amount:
            return account
    raise ServiceError(f"expected an account of the node that holds {amount:,} of {token}, found none", 422)


def template_views() -> tuple[TemplateView, ...]:
    """Return the templates as the page shows them."""
    return tuple(
        TemplateView(
            each.name,
            each.title,
            each.says,
            tuple(
                ParameterView(
                    name=item.name,
                    title=TITLES.get(item.name, item.name),
                    kind=KINDS.get(item.name, "text"),
                    help=item.says,
                    default=DEFAULTS.get(item.name, ""),
                )
                for item in each.parameters
            ),
            PROMISES,
        )
        for each in templates.TEMPLATES.values()
    )


def lock_view(chain_id: int, each: TokenLock) -> Plain:
    """Return a lock as the page shows it."""
    return {
        "lock_id": each.id,
        "chain_id": chain_id,
        "token": each.token,
        "amount": each.remaining,
        "end_s": each.end_s,
        "owner": each.owner,
        "is_lp": each.is_pool_share,
    }
