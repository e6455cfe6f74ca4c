"""The signer that follows the journal: it signs the exact bytes that a journaled dispatch names, and nothing else.

For a withdrawal: the record has it as dispatched, and the newest dispatch names the SHA-256 of these bytes; read back,
they pay the destination whose hash the client's request journaled, exactly the amount, in the asset's own contract; all
else goes to keys of this very wallet; the fee is within its limit; and no other bytes that were signed for it can be
mined beside them. For a move within the estate: every output goes to addresses that the signer itself knows.

What was signed is kept on disk before it is given out: asked again, the signer gives the same bytes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

from tarazy.chains.adapter import NATIVE, Mined
from tarazy.chains.bitcoin.addresses import address_of as bitcoin_address
from tarazy.chains.bitcoin.payments import finished, payouts_of, read_draft, sign_input
from tarazy.chains.evm.transactions import read_unsigned, transaction_hash
from tarazy.domain.engine import Engine
from tarazy.facility.custody.chain_kinds import bitcoin_network, of_key
from tarazy.facility.custody.destinations import is_destination
from tarazy.facility.custody.errors import SignerRefusedError
from tarazy.facility.custody.intents import JournaledIntents
from tarazy.facility.custody.payment_drafts import DraftContent, read_content
from tarazy.facility.custody.record_view import DISPATCHED, LedgerWithdrawal
from tarazy.facility.custody.wallet_keys import WalletKeys
from tarazy.platform.storage.sql import open_database, transaction

MIGRATIONS = (
    """
CREATE TABLE signed (
    digest TEXT PRIMARY KEY, withdrawal_id INTEGER NOT NULL, chain TEXT NOT NULL, account TEXT NOT NULL,
    nonce INTEGER NOT NULL, spends TEXT NOT NULL, spent_minor TEXT NOT NULL, signed BLOB NOT NULL) STRICT;
CREATE INDEX signed_of ON signed (withdrawal_id);
""",
    """
ALTER TABLE signed ADD COLUMN fee_minor TEXT NOT NULL DEFAULT '0';
ALTER TABLE signed ADD COLUMN day INTEGER NOT NULL DEFAULT 0;
""",
)
DAY_S = 86_400
# Moves need no client's request: a desk in wrong hands could burn coins as fees of one after another.
MOVE_FEES_A_DAY = 5
MOVE = 0


class SignerWallet(NamedTuple):
    """What the signer knows by itself of its wallet: never from the desk that asks it.

    `key_count`: how many of the keys make addresses of the wallet. `assets`: contract of each asset of the record on
    this chain. `estate`: other addresses of the same estate, to which a move may go. Units: the chain's own currency.
    """

    chain: str
    location: int
    keys: WalletKeys
    key_count: int
    assets: dict[int, str]
    fee_max_minor: int
    estate: frozenset[str] = frozenset()


class JournalSigner:
    """Signs for one wallet. Each of `mined` tells what became of a transaction, from nodes of its own."""

    def __init__(
        self,
        record: Path,
        engine_type: type[Engine],
        path: Path,
        wallet: SignerWallet,
        mined: Sequence[Callable[[str], Mined | None]] = (),
    ) -> None:
        self.wallet = wallet
        self.intents = JournaledIntents(record, engine_type)
        self._mined = mined
        self._log = open_database(path, MIGRATIONS)
        self._own: dict[str, int] = {}
        self._grow(wallet.key_count)

    def close(self) -> None:
        """Close the files."""
        self.intents.close()
        self._log.close()

    def use_keys(self, count: int) -> None:
        """Count more of the wallet's keys as its own."""
        self._grow(count)

    def owns(self, address: str, place: int) -> bool:
        """Say whether an address is that of the wallet's own key of this number."""
        self._grow(place + 1)
        return self._own.get(address) == place

    def _grow(self, count: int) -> None:
        for place in range(len(self._own), count):
            self._own[of_key(self.wallet.chain, self.wallet.keys.public_key(place)).address] = place

    # ------------------------------------------------------------ what is signed

    def sign_withdrawal(self, withdrawal_id: int, draft: bytes) -> bytes:
        """Return the signed transaction of a dispatched withdrawal.

        Raises: SignerRefusedError, which says what the record does not authorise.
        """
        where = f"withdrawal {withdrawal_id}"
        content = self._read(where, draft)
        intent = self.intents.withdrawal(withdrawal_id)
        if intent is None:
            raise SignerRefusedError(where, expected="a withdrawal of the record", found="none")
        self._check_intent(where, intent, content)
        self._check_payment(where, intent, content)
        return self._sign(where, withdrawal_id, content, draft)

    def sign_move(self, draft: bytes, place: int = 0) -> bytes:
        """Return the signed transaction of a move within the estate; `place` is the key of the account that pays.

        Raises: SignerRefusedError where anything goes elsewhere.
        """
        where = "move"
        content = self._read(where, draft)
        for each in content.outputs:
            self._check_contract(where, each.contract)
            if each.address not in self._own and each.address not in self.wallet.estate:
                raise SignerRefusedError(where, expected="addresses of the same estate alone", found=each.address)
        return self._sign(where, MOVE, content, draft, place)

    # ------------------------------------------------------------ checks

    def _read(self, where: str, draft: bytes) -> DraftContent:
        try:
            content = read_content(self.wallet.chain, draft)
        except ValueError as error:
            raise SignerRefusedError(where, expected="a transaction that can be read", found=str(error)) from error
        if content.fee_minor > self.wallet.fee_max_minor or content.fee_minor < 0:
            expected = f"a fee of 0 to {self.wallet.fee_max_minor}"
            raise SignerRefusedError(where, expected=expected, found=str(content.fee_minor))
        return content

    def _check_intent(self, where: str, intent: LedgerWithdrawal, content: DraftContent) -> None:
        """Refuse what is not dispatched now, from here, by exactly these bytes."""
        if intent.state != DISPATCHED:
            raise SignerRefusedError(where, expected="a withdrawal that is dispatched", found=intent.state)
        if intent.dispatched_hash != content.digest:
            expected = f"the bytes that the record dispatched ({intent.dispatched_hash.hex()})"
            raise SignerRefusedError(where, expected=expected, found=content.digest.hex())
        if intent.location != self.wallet.location:
            expected = f"custody location {self.wallet.location}"
            raise SignerRefusedError(where, expected=expected, found=str(intent.location))

    def _check_payment(self, where: str, intent: LedgerWithdrawal, content: DraftContent) -> None:
        """Refuse anything but one payment of the journaled amount to the journaled destination, and own change."""
        contract = self.wallet.assets.get(intent.asset_id)
        if contract is None:
            found = f"asset {intent.asset_id}"
            raise SignerRefusedError(where, expected="an asset of this signer's wallet", found=found)
        paid = [each for each in content.outputs if each.address not in self._own]
        if len(paid) != 1:
            raise SignerRefusedError(where, expected="one payment and own change", found=f"{len(paid)} payments")
        output = paid[0]
        if output.contract != contract:
            raise SignerRefusedError(where, expected=f"asset {contract}", found=output.contract)
        if not is_destination(self.wallet.chain, output.address, intent.destination_hash):
            raise SignerRefusedError(where, expected="the destination that was journaled", found=output.address)
        if output.amount_minor != intent.amount_minor:
            found = str(output.amount_minor)
            raise SignerRefusedError(where, expected=f"an amount of {intent.amount_minor}", found=found)
        for each in content.outputs:
            if each.address in self._own and each.contract != NATIVE:
                raise SignerRefusedError(where, expected="change in the chain's currency", found=each.contract)

    def _check_contract(self, where: str, contract: str) -> None:
        if contract not in self.wallet.assets.values() and contract != NATIVE:
            raise SignerRefusedError(where, expected="an asset of this signer's wallet", found=contract)

    def _check_apart(self, where: str, withdrawal_id: int, content: DraftContent, account: str) -> None:
        """Refuse bytes that could be mined beside others: of the same withdrawal, or where another one is to be.

        A replacement spends an input of each that was signed before (Bitcoin) or has its number (Ethereum-like chains),
        so that only one of them is ever mined, whatever a node says. A move is bound only not to take the place of a
        withdrawal; in that of another move it replaces it.
        """
        query = "SELECT withdrawal_id, nonce, spends, signed FROM signed WHERE account = ?"
        for other, nonce, spends, signed in self._log.execute(query, (account,)).fetchall():
            taken = {(each[0], each[1]) for each in json.loads(spends)}
            is_same_place = content.nonce == nonce if content.nonce >= 0 else bool(taken & set(content.spends))
            if other == withdrawal_id and withdrawal_id != MOVE:
                if not is_same_place and not self._is_over(withdrawal_id, content.digest, bytes(signed)):
                    found = "one beside a transaction that was signed before"
                    expected = "a replacement, or one that two people dispatched after a failure"
                    raise SignerRefusedError(where, expected=expected, found=found)
            elif is_same_place and other != withdrawal_id:
                found = f"the place of withdrawal {other}" if other else "the place of a move"
                raise SignerRefusedError(where, expected="a place of its own", found=found)

    def _is_over(self, withdrawal_id: int, digest: bytes, signed: bytes) -> bool:
        """Say whether a signed transaction can pay nobody any more, because the chain took it and undid its effect.

        Nodes alone are never believed: with a lie they would have the withdrawal paid twice. Two people who looked at
        the chain elsewhere dispatch the new bytes themselves, and the nodes of both watchers say that it failed, in
        one and the same block: whom one liar deceived, people among them, pays nothing.
        """
        if not self._mined or bitcoin_network(self.wallet.chain):
            return False
        if not self.intents.is_dispatched_by_people(withdrawal_id, digest):
            return False
        found = [ask(transaction_hash(signed)) for ask in self._mined]
        blocks = {each.block_hash if each is not None and each.has_failed else "" for each in found}
        return len(blocks) == 1 and "" not in blocks

    # ------------------------------------------------------------ signing

    def _sign(self, where: str, withdrawal_id: int, content: DraftContent, draft: bytes, place: int = 0) -> bytes:
        spent = json.dumps([str(each) for each in content.spent_minor])
        digest = content.digest.hex()
        row = self._log.execute(
            "SELECT signed, spent_minor, withdrawal_id FROM signed WHERE digest = ?", (digest,)
        ).fetchone()
        if row is not None:
            if (row[1], row[2]) != (spent, withdrawal_id):
                raise SignerRefusedError(
                    where, expected="the draft that was signed before", found="other amounts in it"
                )
            return bytes(row[0])
        with transaction(self._log):
            is_bitcoin = bitcoin_network(self.wallet.chain) is not None
            account = "" if is_bitcoin else list(self._own)[place]
            self._check_apart(where, withdrawal_id, content, account)
            day = int(time.time()) // DAY_S
            if withdrawal_id == MOVE:
                self._check_day(where, content, day)
            signed = self._sign_bitcoin(where, draft) if is_bitcoin else self._sign_evm(draft, place)
            values = (digest, withdrawal_id, self.wallet.chain, account, content.nonce)
            spends = json.dumps([list(each) for each in content.spends])
            self._log.execute(
                "INSERT INTO signed VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (*values, spends, spent, signed, str(content.fee_minor), day),
            )
        return signed

    def _check_day(self, where: str, content: DraftContent, day: int) -> None:
        """Refuse a move with which the fees of the day's moves would be more than some fees at their limit."""
        rows = self._log.execute("SELECT fee_minor FROM signed WHERE withdrawal_id = ? AND day = ?", (MOVE, day))
        used = sum(int(row[0]) for row in rows) + content.fee_minor
        most = MOVE_FEES_A_DAY * self.wallet.fee_max_minor
        if used > most:
            expected = f"fees of moves of at most {most} a day"
            raise SignerRefusedError(where, expected=expected, found=str(used))

    def _sign_evm(self, draft: bytes, place: int) -> bytes:
        found = read_unsigned(draft)
        return found.signed(self.wallet.keys.sign(place, found.digest()), self.wallet.keys.public_key(place))

    def _sign_bitcoin(self, where: str, draft: bytes) -> bytes:
        found, network = read_draft(draft), bitcoin_network(self.wallet.chain) or ""
        for scope in found.inputs:
            scope.partial_sigs.clear()
        for index, scope in enumerate(found.inputs):
            address = bitcoin_address(scope.witness_utxo.script_pubkey.data, network) or ""
            place = self._own.get(address)
            if place is None:
                raise SignerRefusedError(where, expected="inputs of this wallet alone", found=address)
            key = self.wallet.keys.public_key(place)
            sign_input(found, index, key, lambda digest, place=place: self.wallet.keys.sign(place, digest))  # type: ignore[misc]
        whole = finished(found)
        if whole is None:
            paid = len(payouts_of(found, network))
            raise SignerRefusedError(where, expected="a transaction that is complete", found=f"{paid} outputs unsigned")
        return whole
