"""What custody notes of each payment: its draft, its signed bytes, when it was sent, what the network took for it."""

from __future__ import annotations

from hashlib import sha256

from tarazy.chains.adapter import NATIVE, Mined
from tarazy.chains.evm.transactions import transaction_hash
from tarazy.domain.records import RecordNetworkFee
from tarazy.domain.reject_codes import RejectCode
from tarazy.facility.custody.chain_kinds import bitcoin_network
from tarazy.facility.custody.errors import CustodyRefusedError
from tarazy.facility.custody.inventory import assets_on, find_wallet
from tarazy.facility.custody.payment_drafts import read_content, transaction_name
from tarazy.facility.custody.payment_makers import spends_text
from tarazy.facility.custody.record import CustodyRecord, refused
from tarazy.facility.custody.store import CustodyStore
from tarazy.facility.custody.withdrawal_rows import PaymentRow

# The columns of a payment that is drafted; the others are noted when it is mined.
DRAFTED = (
    "digest, purpose, request, chain, wallet, draft, signed, transaction_id, nonce, spends, fee_minor, amount_minor,"
    " asset_id, state, sent_height, at"
)


def keep_payment(
    store: CustodyStore,
    purpose: str,
    request: int,
    chain: str,
    wallet: str,
    draft: bytes,
    asset_id: int,
    amount_minor: int,
) -> str:
    """Keep a draft with what it spends, and return the digest that names it; inside a transaction.

    The same bytes may have been drafted before and given up unsigned: then they are this payment's now.
    """
    content = read_content(chain, draft)
    digest = content.digest.hex()
    values = (digest, purpose, request, chain, wallet, draft, b"", transaction_name(chain, draft), content.nonce)
    rest = (
        spends_text(content.spends),
        str(content.fee_minor),
        str(amount_minor),
        asset_id,
        "drafted",
        0,
        store.moment,
    )
    marks = ", ".join("?" * (len(values) + len(rest)))
    again = (
        "ON CONFLICT (digest) DO UPDATE SET purpose = excluded.purpose, request = excluded.request,"
        " state = excluded.state, at = excluded.at WHERE payments.state = 'dropped' AND payments.signed = x''"
    )
    store.do(f"INSERT INTO payments ({DRAFTED}) VALUES ({marks}) {again}", *values, *rest)
    return digest


def note_signed(store: CustodyStore, payment: PaymentRow, signed: bytes) -> None:
    """Note a payment's signed bytes and its name."""
    name = payment.transaction_id or transaction_hash(signed)
    statement = "UPDATE payments SET signed = ?, transaction_id = ?, state = 'signed' WHERE digest = ?"
    store.do(statement, signed, name, payment.digest)


def note_sent(store: CustodyStore, payment: PaymentRow, height: int) -> None:
    """Note at which height a payment was handed to the nodes first."""
    statement = (
        "UPDATE payments SET state = 'sent', sent_height = CASE sent_height WHEN 0 THEN ? ELSE sent_height END"
        " WHERE digest = ?"
    )
    store.do(statement, height, payment.digest)


def journal_fee(store: CustodyStore, record: CustodyRecord, payment: PaymentRow, mined: Mined) -> None:
    """Journal once what the network took for a transaction, in the chain's own currency.

    Raises: RecordRefusedError; CustodyRefusedError where the record has no asset for the chain's currency.
    """
    fee = payment.fee_minor if bitcoin_network(payment.chain) else mined.fee_minor
    native = [asset for asset in assets_on(store, payment.chain) if asset.contract == NATIVE]
    if not native:
        action = "Register it in the record, then: tarazy custody asset"
        raise CustodyRefusedError(payment.chain, expected="an asset for its currency", found="none", action=action)
    evidence = fee_evidence(payment.chain, payment.transaction_id)
    location = find_wallet(store, payment.wallet).location
    when_ns = record.last_ts_ns
    outcome = record.instruct_one(RecordNetworkFee(location, 0, native[0].asset_id, when_ns, fee, evidence))
    if not outcome.is_done and outcome.reject_code != RejectCode.evidence_already_used:
        raise refused(f"network fee of {payment.transaction_id}", outcome.reject_code)
    statement = "UPDATE payments SET mined_height = ?, mined_fee_minor = ?, has_failed = ? WHERE digest = ?"
    with store.changing():
        store.do(statement, mined.height, str(fee), int(mined.has_failed), payment.digest)


def fee_evidence(chain: str, transaction: str) -> bytes:
    """Return the 32 bytes that name, in the record, the network's fee for a transaction."""
    return sha256(f"tarazy network fee 1\n{chain}\n{transaction}\n".encode()).digest()


def move_evidence(chain: str, transaction: str) -> bytes:
    """Return the 32 bytes that name, in the record, a transaction that moved coins between custody locations."""
    return sha256(f"tarazy move 1\n{chain}\n{transaction}\n".encode()).digest()
