"""A bank that is simulated, over real HTTP on loopback: tokens, signatures, payments, statements, and faults.

It books what it accepts and writes statements that tie. Faults are given in order, one for each request that is no
question for a token: `timeout`, `500`, `lost` (done, and the answer is lost), `unsigned`, `expired` (the token).
For tests and drills; its keys are made when it starts, and it listens on this machine alone.
"""

from __future__ import annotations

import base64
import json
import secrets
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any, NamedTuple
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric import rsa
from lxml import etree

from tarazy.facility.banking.amounts import decimal_text, minor_from
from tarazy.facility.banking.banks.jws import PublicKey, holds_detached, sign_detached
from tarazy.facility.banking.banks.rest import SIGNATURE
from tarazy.facility.banking.pain001 import safe_parser

BODY_BYTES_MAX = 16 << 20
TOKEN_S = 300
SCALE = 2


class SimulatedPayment(NamedTuple):
    """A payment that the bank has."""

    end_to_end_id: str
    amount_minor: int


class SimulatedBank:
    """The bank's books and its server."""

    def __init__(self, client: tuple[str, str], client_key: PublicKey, account: str, opening_minor: int = 0) -> None:
        self.client_id, self.secret = client
        self.client_key, self.account = client_key, account
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        self.faults: deque[str] = deque()
        self.messages: dict[str, list[SimulatedPayment]] = {}
        self.bytes_of: dict[str, bytes] = {}
        self.rejected: dict[str, str] = {}
        self.statements: list[bytes] = []
        self.balance_minor, self.booked = opening_minor, set[str]()
        self.tokens: set[str] = set()
        self.lock = Lock()
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), handler_for(self))
        self.server.daemon_threads = True
        self.thread = Thread(target=self.server.serve_forever, daemon=True)

    @property
    def base(self) -> str:
        """Return where it is asked."""
        return f"http://127.0.0.1:{self.server.server_address[1]}"

    def start(self) -> None:
        """Begin to answer."""
        self.thread.start()

    def stop(self) -> None:
        """End."""
        self.server.shutdown()
        self.server.server_close()
        self.thread.join(5)

    def receive(self, message_id: str, content: bytes) -> int:
        """Take a payment message; the same again is well, another one under its id is a conflict. Returns a status."""
        with self.lock:
            if message_id in self.bytes_of:
                return 200 if self.bytes_of[message_id] == content else 409
            document = etree.fromstring(content, safe_parser())
            found = [
                SimulatedPayment(
                    str(each.findtext("{*}PmtId/{*}EndToEndId")),
                    minor_from(str(each.findtext("{*}Amt/{*}InstdAmt")), SCALE),
                )
                for each in document.iterfind(".//{*}CdtTrfTxInf")
            ]
            self.messages[message_id], self.bytes_of[message_id] = found, content
            return 202

    def close_day(self, day: str, *credits: tuple[int, str]) -> None:
        """Book what was accepted, and credits (amount, inner XML), and write the day's statement."""
        with self.lock:
            opening, lines = self.balance_minor, []
            for each in [each for found in self.messages.values() for each in found]:
                if each.end_to_end_id not in self.rejected and each.end_to_end_id not in self.booked:
                    self.booked.add(each.end_to_end_id)
                    self.balance_minor -= each.amount_minor
                    inner = f"<Refs><EndToEndId>{each.end_to_end_id}</EndToEndId></Refs>"
                    lines.append(entry_text(each.amount_minor, "DBIT", inner, day, f"D{len(self.booked)}"))
            for number, (minor, inner) in enumerate(credits):
                self.balance_minor += minor
                lines.append(entry_text(minor, "CRDT", inner, day, f"C{day}-{len(self.statements) + 1}-{number}"))
            number = len(self.statements) + 1
            text = statement_text(self.account, number, day, (opening, self.balance_minor), lines)
            self.statements.append(text.encode())

    def report(self, message_id: str) -> bytes | None:
        """Return the status report of a message, None for one that is not known."""
        found = self.messages.get(message_id)
        if found is None:
            return None
        lines = []
        for each in found:
            reason = self.rejected.get(each.end_to_end_id)
            told = f"<StsRsnInf><Rsn><Cd>{reason}</Cd></Rsn></StsRsnInf>" if reason else ""
            status = "RJCT" if reason else "ACSC" if each.end_to_end_id in self.booked else "ACSP"
            head = f"<OrgnlEndToEndId>{each.end_to_end_id}</OrgnlEndToEndId><TxSts>{status}</TxSts>"
            lines.append(f"<TxInfAndSts>{head}{told}</TxInfAndSts>")
        return (
            '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"><CstmrPmtStsRpt><GrpHdr><MsgId>R</MsgId>'
            f"</GrpHdr><OrgnlGrpInfAndSts><OrgnlMsgId>{message_id}</OrgnlMsgId>"
            "<OrgnlMsgNmId>pain.001.001.09</OrgnlMsgNmId><GrpSts>PART</GrpSts></OrgnlGrpInfAndSts><OrgnlPmtInfAndSts>"
            f"<OrgnlPmtInfId>{message_id}</OrgnlPmtInfId>{''.join(lines)}</OrgnlPmtInfAndSts></CstmrPmtStsRpt></Document>"
        ).encode()


def entry_text(amount_minor: int, mark: str, inner: str, day: str, reference: str) -> str:
    """Return a booking."""
    return (
        f"<Ntry><Amt Ccy='KZT'>{decimal_text(amount_minor, SCALE)}</Amt><CdtDbtInd>{mark}</CdtDbtInd>"
        "<Sts><Cd>BOOK</Cd></Sts>"
        f"<BookgDt><Dt>{day}</Dt></BookgDt><ValDt><Dt>{day}</Dt></ValDt><AcctSvcrRef>{reference}</AcctSvcrRef>"
        f"<NtryDtls><TxDtls>{inner}</TxDtls></NtryDtls></Ntry>"
    )


def statement_text(account: str, number: int, day: str, edges_minor: tuple[int, int], lines: list[str]) -> str:
    """Return a day's statement; `edges_minor` are its opening and closing balances."""
    edges = "".join(
        f"<Bal><Tp><CdOrPrtry><Cd>{code}</Cd></CdOrPrtry></Tp><Amt Ccy='KZT'>{decimal_text(abs(minor), SCALE)}</Amt>"
        f"<CdtDbtInd>{'CRDT' if minor >= 0 else 'DBIT'}</CdtDbtInd><Dt><Dt>{day}</Dt></Dt></Bal>"
        for code, minor in zip(("OPBD", "CLBD"), edges_minor, strict=True)
    )
    return (
        '<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt>'
        f"<GrpHdr><MsgId>M{number}</MsgId><CreDtTm>{day}T20:00:00Z</CreDtTm></GrpHdr><Stmt><Id>S{number}</Id>"
        f"<ElctrncSeqNb>{number}</ElctrncSeqNb><Acct><Id><IBAN>{account}</IBAN></Id><Ccy>KZT</Ccy></Acct>"
        f"{edges}{''.join(lines)}</Stmt></BkToCstmrStmt></Document>"
    )


class SimulatedHandler(BaseHTTPRequestHandler):
    """One request to a bank."""

    bank: SimulatedBank

    protocol_version = "HTTP/1.1"

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""

    def do_GET(self) -> None:
        """Answer a question."""
        self.handle_one(b"")

    def do_POST(self) -> None:
        """Take something."""
        self.handle_one(self.rfile.read(min(int(self.headers.get("content-length", 0)), BODY_BYTES_MAX)))

    def handle_one(self, body: bytes) -> None:
        """Check who asks, have the next fault, answer."""
        if self.path == "/token":
            self.token(body)
            return
        fault = self.bank.faults.popleft() if self.bank.faults else ""
        if fault == "timeout":
            time.sleep(1.5)
            self.close_connection = True
            return
        if fault == "expired":
            self.bank.tokens.clear()
        if fault == "500":
            self.answer(500, b"out of order")
            return
        if self.headers.get("authorization", "").removeprefix("Bearer ") not in self.bank.tokens:
            self.answer(401, b"no such token")
        elif not holds_detached(self.headers.get(SIGNATURE, ""), body, self.bank.client_key):
            self.answer(400, b"signature")
        else:
            status, answer = self.act(body)
            if fault == "lost":
                self.close_connection = True
                return
            self.answer(status, answer, signed=fault != "unsigned")

    def token(self, body: bytes) -> None:
        """Give a token to who has the secret."""
        basic = base64.b64encode(f"{self.bank.client_id}:{self.bank.secret}".encode()).decode()
        if self.headers.get("authorization") != f"Basic {basic}" or b"client_credentials" not in body:
            self.answer(401, b"unknown client")
            return
        token = secrets.token_urlsafe(16)
        self.bank.tokens.add(token)
        found = {"token_type": "bearer", "access_token": token, "expires_in": TOKEN_S, "scope": "payments accounts"}
        self.answer(200, json.dumps(found).encode())

    def act(self, body: bytes) -> tuple[int, bytes]:
        """Do what is asked."""
        parts = [unquote(each) for each in self.path.strip("/").split("/")]
        if parts == ["payments"] and self.command == "POST":
            return self.bank.receive(self.headers.get("x-idempotency-key", ""), body), b"{}"
        if len(parts) == 3 and parts[0] == "payments":
            report = self.bank.report(parts[1])
            return (200, report) if report else (404, b"no such message")
        if parts[:2] == ["accounts", self.bank.account] and len(parts) == 3:
            names = [f"S{number}" for number in range(1, len(self.bank.statements) + 1)]
            return 200, json.dumps({"statements": names}).encode()
        if parts[:2] == ["accounts", self.bank.account] and len(parts) == 4:
            return 200, self.bank.statements[int(parts[3][1:]) - 1]
        return 404, b"no such place"

    def answer(self, status: int, body: bytes, *, signed: bool = True) -> None:
        """Send an answer."""
        self.send_response(status)
        self.send_header("content-length", str(len(body)))
        if signed:
            self.send_header(SIGNATURE, sign_detached(body, self.bank.key, "bank"))
        self.end_headers()
        self.wfile.write(body)


def handler_for(bank: SimulatedBank) -> type[BaseHTTPRequestHandler]:
    """Return the handler that answers for a bank."""
    return type("HandlerOfBank", (SimulatedHandler,), {"bank": bank})
