"""What the service answers to holders: a wallet with its verdicts, a transaction in words, a revocation.

A reading belongs to one block: whoever asks for the same wallet at the same block is given the same one. Everything
runs on the event loop's thread but the reading, which runs in a thread, and the playing, which runs in a process.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from typing import Any

from tarazy.chains.errors import ChainError
from tarazy.chains.evm.node import Node
from tarazy.platform.refusals import BAD_PARAMETER, NOT_READY, RATE_LIMIT, RefusedError
from tarazy.screening.holder.judging import NO_CODE, NOT_SCREENED, UNDER_WAY, ScreenedContract
from tarazy.screening.holder.model import ApprovalKey, HolderBounds, WalletReading
from tarazy.screening.holder.preparing import amount_now, revocation_view, revoking, signed_by, signing_view
from tarazy.screening.holder.reading import read_wallet
from tarazy.screening.holder.view import contracts_of, screened, wallet_view
from tarazy.screening.model import to_plain
from tarazy.screening.service.playing import NotPlayed
from tarazy.screening.service.reasons import CHAIN_UNSUPPORTED, NOT_A_CONTRACT
from tarazy.screening.service.service import LOG, NODE_SILENT, LookupResult, ScreeningService
from tarazy.screening.service.transactions import played, suspicious_of
from tarazy.screening.simulation.transaction_request import TransactionRequest

READINGS_CACHED_MAX = 64
READINGS_AT_ONCE = 6
SCREENED_MAX = 25  # contracts without a report in force that one question has screened
WAIT_S = 3.0  # how long a verdict is waited for; what is not there then comes with the next question
BUSY_RETRY_S = 2
Place = tuple[int, str, str]  # chain, wallet, hash of the newest block


class HolderDesk:
    """Answers holders."""

    def __init__(self, service: ScreeningService) -> None:
        self._service = service
        self._readings: OrderedDict[Place, asyncio.Task[WalletReading]] = OrderedDict()

    async def wallet(self, chain_id: int, wallet: str, caller: str, wait_s: float = WAIT_S) -> dict[str, Any]:
        """Return a wallet as plain data; contracts without a verdict are screened, and waited for a little.

        Raises: RefusedError.
        """
        reading = await self._reading(chain_id, wallet)
        return wallet_view(reading, await self._known(reading, caller, wait_s))

    async def sign(self, chain_id: int, wallet: str, to: str, data: bytes, value_wei: int) -> dict[str, Any]:
        """Return what a transaction would do that the holder is about to sign.

        Raises: RefusedError.
        """
        node = self._node(chain_id)
        asked = signed_by(chain_id, wallet, to, data, value_wei)
        outcome, suspicious = await self._play(asked)
        found: dict[str, Any] = await self._asking(signing_view, asked, outcome, node, suspicious)
        return found

    async def revoke(self, chain_id: int, wallet: str, key: ApprovalKey) -> dict[str, Any]:
        """Return the transaction that ends an approval, and what it does as it was played.

        Raises: RefusedError.
        """
        node = self._node(chain_id)
        stands = await self._asking(amount_now, node, wallet, key)
        asked = revoking(chain_id, wallet, key)
        outcome, suspicious = await self._play(asked)
        given = (asked, key, outcome, stands, node, suspicious)
        found: dict[str, Any] = await self._asking(revocation_view, *given)
        return found

    # ------------------------------------------------------------ reading

    def _node(self, chain_id: int) -> Node:
        node = self._service.source(chain_id).node
        if node is None:
            raise RefusedError(CHAIN_UNSUPPORTED, f"chain {chain_id} is read from code files, a wallet needs its node")
        return node

    async def _asking(self, call: Any, *values: Any) -> Any:
        try:
            return await self._service.in_thread(call, *values)
        except ChainError as error:
            LOG.warning("%s", error)
            raise RefusedError(NOT_READY, NODE_SILENT) from error

    async def _reading(self, chain_id: int, wallet: str) -> WalletReading:
        node = self._node(chain_id)
        head = await self._asking(self._service.source(chain_id).head)  # not one of a moment ago: what was sent counts
        place = (chain_id, wallet, head.hash)
        task = self._readings.get(place)
        if task is None:
            if sum(not each.done() for each in self._readings.values()) >= READINGS_AT_ONCE:
                raise RefusedError(RATE_LIMIT, "too many wallets are being read", BUSY_RETRY_S)
            config = self._service.config
            bounds = HolderBounds(config.approval_blocks_max, seconds=config.wallet_s)
            task = asyncio.create_task(self._asking(read_wallet, node, chain_id, wallet, bounds))
            self._readings[place] = task
            while len(self._readings) > READINGS_CACHED_MAX:
                self._readings.popitem(last=False)
        try:
            return await asyncio.shield(task)
        except Exception:
            self._readings.pop(place, None)
            raise

    # ------------------------------------------------------------ verdicts

    async def _known(self, reading: WalletReading, caller: str, wait_s: float) -> dict[str, ScreenedContract]:
        """Return what is known of every contract of a wallet, and the lists that hold any account of it."""
        chain, asked = reading.chain_id, contracts_of(reading)
        found: dict[str, ScreenedContract] = {}
        for address in asked:
            entry = await self._service.recall(chain, address)
            if entry is not None and entry.is_fresh():
                found[address] = screened(entry.report)
        missing = [address for address in asked if address not in found][:SCREENED_MAX]
        looks = await asyncio.gather(*(self._service.look(chain, each, caller, wait_s) for each in missing))
        found |= {address: from_look(look) for address, look in zip(missing, looks, strict=True)}
        spenders = [each.key.spender for each in reading.approvals]
        return {each: self._with_lists(each, found) for each in dict.fromkeys([*asked, *spenders])}

    def _with_lists(self, address: str, found: dict[str, ScreenedContract]) -> ScreenedContract:
        known, (listed, _) = found.get(address, ScreenedContract()), self._service.lists.of(address)
        held = tuple(sorted(key for key, on_list in listed.items() if on_list))
        return ScreenedContract(known.word, known.report_id, known.text, held)

    # ------------------------------------------------------------ playing

    async def _play(self, asked: TransactionRequest) -> tuple[dict[str, Any], dict[str, str]]:
        found = await played(self._service, asked, to_plain)
        if isinstance(found, NotPlayed):
            raise RefusedError(NOT_READY if found.again else BAD_PARAMETER, found.reason)
        return found.result, suspicious_of(self._service, asked.chain_id, found.parties)


def from_look(look: LookupResult) -> ScreenedContract:
    """Return what a look at a contract says: a report that is in force no more is no verdict."""
    if look.reason is None and look.entry is not None:
        return screened(look.entry.report)
    if look.reason is NOT_A_CONTRACT:
        return ScreenedContract(NO_CODE)
    if look.reason is NOT_READY:
        return ScreenedContract(UNDER_WAY, text=look.detail)
    return ScreenedContract(NOT_SCREENED, text=look.detail or (look.reason.meaning if look.reason else ""))
