"""The watches of a running service: one thread and one folder for each token that is followed from the pages.

What is followed lies in DIR/watch/followed.json and goes on after a restart, from the block after the last that was
taken. A token has a watch of its own because what it was before is read at the moment when following begins: in a watch
that already runs, that would be the next block, and what happens in it would be missed. For long lists there is
`tarazy screening watch`, which walks the chain once for all.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import re
import sqlite3
import threading
from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tarazy.chains.errors import ChainError
from tarazy.chains.evm.node import Node
from tarazy.chains.evm.time_lock import read_time_lock
from tarazy.domain.signer import Signer
from tarazy.platform.jobs.pool import WorkerPool
from tarazy.platform.storage.files import write_whole
from tarazy.screening.isolated import SCREEN
from tarazy.screening.service.entries import Place
from tarazy.screening.service.service import ScreeningService
from tarazy.screening.watch.errors import NotFollowedError, WatchError
from tarazy.screening.watch.follow import RECORDS_NAME, follow
from tarazy.screening.watch.options import ListedToken, WatchOptions
from tarazy.screening.watch.record_file import read_records
from tarazy.screening.watch.screening import screen_with
from tarazy.screening.watch.store import newest_number

LOG = logging.getLogger("tarazy.screening.watch")
ALERTS_KEPT = 1_000
FOLLOWED_MAX = 50
LIST_NAME = "followed.json"
Plain = Mapping[str, Any]
JOIN_S = 30.0


@dataclass(frozen=True, slots=True)
class Followed:
    """One token that the watch follows."""

    chain_id: int
    address: str
    since: str
    verdict: str = ""
    name: str = ""
    symbol: str = ""
    block_number: int | None = None  # the last block that was looked at
    state: str = "following"  # or why not
    report_id: str | None = None


@dataclass(frozen=True, slots=True)
class Watch:
    """What the watch does and has found; alerts are plain data as signed, newest first."""

    followed: Sequence[Followed] = ()
    alerts: Sequence[Plain] = ()
    running: bool = False
    reason: str = ""  # why it does not run


@dataclass(slots=True)
class Following:
    """One token that is followed, and the thread that follows it."""

    chain_id: int
    address: str
    since: str
    asset_id: int | None
    folder: Path
    stop: threading.Event = field(default_factory=threading.Event)
    thread: threading.Thread | None = None
    failed: str = ""


class Watches:
    """Follows tokens on the chains whose nodes a service reads."""

    def __init__(self, service: ScreeningService, key: Signer, poll_s: float, assets: Mapping[Place, int]) -> None:
        self._service = service
        self._key = key
        self._poll_s = poll_s
        self._assets = assets
        self._folder = service.config.data / "watch"
        self._lock = threading.Lock()
        self._pool: WorkerPool | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._alerts: deque[Plain] = deque(maxlen=ALERTS_KEPT)
        self._following: dict[Place, Following] = {}
        self._recall()

    def _recall(self) -> None:
        """Read what an earlier run followed and found."""
        with contextlib.suppress(FileNotFoundError):
            for entry in json.loads((self._folder / LIST_NAME).read_text()):
                self._add(entry["chain_id"], entry["address"], entry["since"], entry["asset_id"])
        records: list[Plain] = []
        for path in sorted(self._folder.glob(f"*/*/*/{RECORDS_NAME}")):
            try:
                records += read_records(path, self._key.public_key)
            except WatchError as error:
                LOG.error("%s", error)
        self._alerts.extendleft(sorted(records, key=lambda record: str(record["at"])))

    def _add(self, chain_id: int, address: str, since: str, asset_id: int | None) -> Following:
        folder = self._folder / str(chain_id) / address / re.sub(r"\W", "", since)
        made = self._following[chain_id, address] = Following(chain_id, address, since, asset_id, folder)
        return made

    async def start(self) -> None:
        """Begin to follow what was followed before; events overtake reports on this loop."""
        self._loop = asyncio.get_running_loop()
        self._pool = WorkerPool(SCREEN)
        with self._lock:
            for each in self._following.values():
                self._begin(each)
        for (chain_id, address), asset_id in self._assets.items():
            try:
                self.follow(chain_id, address, asset_id)
            except NotFollowedError as error:
                LOG.error("listed asset %s on chain %d is not followed: %s", address, chain_id, error)

    async def stop(self) -> None:
        """End the threads; each finishes its block."""
        await asyncio.to_thread(self._stop)

    def _stop(self) -> None:
        with self._lock:
            for each in self._following.values():
                each.stop.set()
            for each in self._following.values():
                if each.thread is not None:
                    each.thread.join(JOIN_S)
        if self._pool is not None:
            self._pool.close()

    # ------------------------------------------------------------ what pages ask

    def state(self) -> Watch:
        """Return what is followed and what was found."""
        followed = [self._followed(each) for _, each in sorted(self._following.items())]
        running = self._loop is not None and any(source.node for source in self._service.sources.values())
        reason = "" if running else "no node is connected: start the server with --rpc CHAIN=URL"
        return Watch(followed, marked(self._alerts), running, reason)

    def alerts(self, chain_id: int, address: str) -> list[Plain]:
        """Return the records about one address, newest first."""
        place = chain_id, address.lower()
        return [each for each in marked(self._alerts) if (each["chain_id"], each["address"]) == place]

    def follow(self, chain_id: int, address: str, asset_id: int | None = None) -> None:
        """Follow an address from the newest block on; `asset_id` is its number at the venue, for drafts.

        Raises: NotFollowedError.
        """
        source = self._service.sources.get(chain_id)
        if source is None or source.node is None or self._pool is None:
            action = "Start the server with --rpc."
            raise NotFollowedError(f"chain {chain_id}", "a chain with a node", "none", action)
        with self._lock:
            if (chain_id, address.lower()) in self._following:
                return
            if len(self._following) >= FOLLOWED_MAX:
                action = "Use `tarazy screening watch` for more."
                raise NotFollowedError(address, f"at most {FOLLOWED_MAX} tokens", "as many already", action)
            since = datetime.now(UTC).isoformat(timespec="milliseconds")
            self._begin(self._add(chain_id, address.lower(), since, asset_id))
            self._keep()

    def unfollow(self, chain_id: int, address: str) -> None:
        """Leave an address; what was found stays."""
        with self._lock:
            left = self._following.pop((chain_id, address.lower()), None)
            if left is not None:
                left.stop.set()
                self._keep()

    def _followed(self, each: Following) -> Followed:
        stored = self._service.store.latest(each.chain_id, each.address)
        token = stored.plain()["token"] if stored is not None else {}
        return Followed(
            chain_id=each.chain_id,
            address=each.address,
            since=each.since,
            verdict=stored.verdict if stored is not None else "",
            name=token.get("name") or "",
            symbol=token.get("symbol") or "",
            block_number=newest_number(each.folder),
            state=each.failed or "following",
            report_id=stored.id if stored is not None else None,
        )

    def _keep(self) -> None:
        """Write the list of what is followed."""
        self._folder.mkdir(parents=True, exist_ok=True)
        listed = [
            {"chain_id": each.chain_id, "address": each.address, "since": each.since, "asset_id": each.asset_id}
            for _, each in sorted(self._following.items())
        ]
        write_whole(self._folder / LIST_NAME, f"{json.dumps(listed, indent=1)}\n".encode())

    # ------------------------------------------------------------ threads

    def _begin(self, each: Following) -> None:
        source = self._service.sources.get(each.chain_id)
        if source is None or source.rpc_url is None or self._pool is None:
            each.failed = "no node of this chain is connected"
            return
        options = WatchOptions(
            node=Node(source.rpc_url),
            folder=each.folder,
            signing_key=self._key,
            tokens=[self._listed(each)],
            screen=screen_with(self._pool, source.rpc_url, self._service.config.criteria),
            on_record=self._note,
            invalidate=self._invalidate,
            lock_readers=(read_time_lock,),
            poll_s=self._poll_s,
        )
        each.thread = threading.Thread(target=self._run, args=(each, options), daemon=True)
        each.thread.start()

    def _run(self, each: Following, options: WatchOptions) -> None:
        """Follow in this thread until told to stop; what ends it otherwise is shown on the page."""
        try:
            follow(options, each.stop, LOG.info)
        except (WatchError, ChainError, OSError, sqlite3.Error) as error:
            each.failed = str(error)
            LOG.error("the watch of %s on chain %d ended: %s", each.address, each.chain_id, error)

    def _listed(self, each: Following) -> ListedToken:
        locker = self._service.config.lockers.get(each.chain_id)
        return ListedToken(each.address, each.asset_id, lockers=(locker,) if locker else ())

    def _note(self, record: Any) -> None:
        """Keep a record for the pages; one that is told again is known by its signature."""
        if record["signature"] not in {each["signature"] for each in list(self._alerts)}:
            self._alerts.appendleft(record)

    def _invalidate(self, chain_id: int, address: str, reason: str) -> None:
        """Let the service screen anew ahead of the next question."""
        if self._loop is not None:
            asyncio.run_coroutine_threadsafe(self._service.invalidate(chain_id, address, reason), self._loop)


def marked(records: Iterable[Plain]) -> list[Plain]:
    """Return records as they were signed, with a mark beside each alert that was taken back."""
    found = list(records)
    gone = {each["retracts"] for each in found if each["record"] == "retraction"}
    return [{**each, "retracted": True} if each["id"] in gone else each for each in found]
