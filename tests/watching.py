"""A listed token with a pool on a development chain, and a watch of it that tests step by hand."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tarazy.chains.evm.node import Node
from tarazy.domain.signer import KeySigner
from tarazy.screening.bytecode.facts import analyse
from tarazy.screening.bytecode.layout import Layout
from tarazy.screening.simulation import artifacts as simulation
from tarazy.screening.watch.follow import RECORDS_NAME, Watcher
from tarazy.screening.watch.options import ListedToken, WatchOptions

from .devchain import DevChain

CONTRACTS = Path(__file__).parent / "unit" / "chains" / "evm" / "contracts" / "artifacts"
LISTED, PROXIES, POSITIONS = (CONTRACTS / f"{name}.json" for name in ("Listed", "Proxies", "Positions"))
SUPPLY = 10**24
UNIT = 10**18
KEY = KeySigner.from_seed(bytes(range(32)))
ASSET_ID = 7


@dataclass
class World:
    """A token that trades against a coin; account 0 made it and is its owner, account 5 is a holder."""

    chain: DevChain
    token: str
    coin: str
    pair: str
    factory: str
    folder: Path
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def listed(self) -> ListedToken:
        """Return the token as the watch is told of it."""
        return ListedToken(self.token, ASSET_ID, "Listed", (self.pair,), (self.chain.accounts[5],))

    @property
    def layout(self) -> Layout:
        """Return where the token keeps what."""
        return analyse(bytes.fromhex(self.chain.ask("eth_getCode", self.token, "latest")[2:])).layout

    @contextmanager
    def watcher(self, url: str | None = None, **options: Any) -> Iterator[Watcher]:
        """Run a watch of the token that steps when it is told to."""
        with Node(url or self.chain.url, timeout_s=5) as node:
            given = {"node": node, "folder": self.folder, "signing_key": KEY, "tokens": [self.listed], "poll_s": 0.05}
            with Watcher(WatchOptions(**{**given, **self.options, **options})) as watcher:
                yield watcher

    def records(self) -> list[dict[str, Any]]:
        """Return the lines of the file."""
        path = self.folder / RECORDS_NAME
        return [json.loads(line) for line in path.read_text().splitlines()] if path.exists() else []

    def alerts(self) -> list[dict[str, Any]]:
        """Return the alerts alone."""
        return [each for each in self.records() if each["record"] == "alert"]

    def kinds(self) -> list[str]:
        """Return the kinds of all records in order."""
        return [each["kind"] for each in self.records()]

    def do(self, signature: str, *arguments: int | str | bool, sender: str | None = None) -> dict[str, Any]:
        """Call the token in a transaction of its own block."""
        return self.chain.do(self.token, signature, *arguments, sender=sender)


def make_pair(chain: DevChain, token: str, coin: str) -> tuple[str, str]:
    """Return a factory and its pair, which holds 1,000 of the token and 500 of the coin; account 0 made it."""
    factory = chain.deploy_code("0x" + simulation.creation("PairFactory").hex())
    chain.do(factory, "createPair(address,address)", token, coin)
    pair = f"0x{chain.view(factory, 'getPair(address,address)', token, coin):040x}"
    chain.do(token, "transfer(address,uint256)", pair, 1000 * UNIT)
    chain.do(coin, "transfer(address,uint256)", pair, 500 * UNIT)
    chain.do(pair, "mint(address)", chain.accounts[0])
    return factory, pair


def make_world(url: str, folder: Path, proxied: bool = False) -> World:
    """Return a world on a fresh chain; `proxied` puts the token behind a proxy whose admin is account 9."""
    from tarazy.chains.evm.proxies import IMPLEMENTATION_SLOT

    chain = DevChain(url)
    token = chain.deploy(LISTED, "Listed", 0 if proxied else SUPPLY)
    if proxied:
        token = chain.deploy(PROXIES, "SlotProxy", IMPLEMENTATION_SLOT, token, chain.accounts[9])
        chain.do(token, "init(uint256)", SUPPLY)
    coin = chain.deploy(LISTED, "Listed", SUPPLY)
    factory, pair = make_pair(chain, token, coin)
    chain.do(token, "transfer(address,uint256)", chain.accounts[5], 100 * UNIT)
    return World(chain, token, coin, pair, factory, folder)
