"""A bank by REST, of the shape that banks of Kazakhstan publish: OAuth client credentials, bodies signed in a header.

    POST /token                                grant_type=client_credentials, Basic authorisation; expires_in seconds
    POST /payments                             a pain.001, its message id as idempotency key
    GET  /payments/ID/status                   a pain.002, or 404 while there is none
    GET  /accounts/IBAN/statements             ids of statements
    GET  /accounts/IBAN/statements/ID          a camt.053

Addresses within the interface are settings, because each bank has its own; the token endpoint's answer and the header
are as published (a bank's developer portal; RFC 6749, RFC 7515). Whatever a bank answers is bounded and checked: its
signature too. A request that fails is asked again with the same id and the same bytes; a second time 401 is told.
"""

from __future__ import annotations

import base64
import http.client
import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from tarazy.facility.banking.banks.jws import PrivateKey, PublicKey, holds_detached, sign_detached
from tarazy.facility.banking.errors import BankUnavailableError
from tarazy.platform.storage.files import write_whole
from tarazy.platform.web.asking import direct_opener

ANSWER_BYTES_MAX = 256 << 20
ATTEMPTS = 4
WAIT_S = 0.2
EARLY_S = 30
SIGNATURE = "x-jws-signature"
LISTED_MAX = 10_000


class RestBank(NamedTuple):
    """Where and how a bank is asked. The secret is read when the channel is made, and is in no message of an error."""

    base: str
    client_id: str
    secret: str
    key: PrivateKey
    key_id: str
    bank_key: PublicKey
    scope: str = "payments accounts"
    timeout_s: float = 10.0

    def __repr__(self) -> str:
        """Return it without its secrets."""
        return f"RestBank({self.base!r}, {self.client_id!r})"


class BankAnswer(NamedTuple):
    """What a bank answered."""

    status: int
    body: bytes
    signature: str


class RestChannel:
    """A channel to one account of a bank; files that it fetches are kept in a folder until they are taken."""

    def __init__(self, bank: RestBank, account: str, folder: Path, sleep: Callable[[float], None] = time.sleep) -> None:
        self.bank, self.account, self.folder, self.sleep = bank, account, folder, sleep
        self.token, self.token_until = "", 0.0
        for name in ("in", "taken", "refused"):
            (folder / name).mkdir(parents=True, exist_ok=True, mode=0o700)
        self.watched: set[str] = set()

    def deliver(self, message_id: str, content: bytes) -> None:
        """Hand a payment message over; a bank that has this id with these bytes says so, and that is well.

        Raises: BankUnavailableError.
        """
        answer = self._ask("POST", "/payments", content, {"x-idempotency-key": message_id})
        if answer.status not in (200, 201, 202):
            raise self._unexpected("POST /payments", "200, 201 or 202", answer)
        self.watched.add(message_id)

    def watch(self, message_ids: list[str]) -> None:
        """Ask for the status of these messages too: those of earlier runs."""
        self.watched |= set(message_ids)

    def files(self) -> list[Path]:
        """Fetch what is new and return what waits. Raises: BankUnavailableError."""
        known = {each.name for name in ("in", "taken", "refused") for each in (self.folder / name).iterdir()}
        place = f"/accounts/{urllib.parse.quote(self.account)}/statements"
        for number in self._listed(place):
            name = f"{urllib.parse.quote(number, safe='')}.camt.xml"
            if name not in known:
                self._keep(name, self._ask("GET", f"{place}/{urllib.parse.quote(number, safe='')}"))
        for message_id in sorted(self.watched):
            answer = self._ask("GET", f"/payments/{urllib.parse.quote(message_id)}/status")
            if answer.status == 200:
                self._keep(f"{message_id}.pain002.xml", answer)
        return sorted((self.folder / "in").iterdir())

    def finish(self, path: Path, *, is_taken: bool) -> None:
        """Put a file away."""
        path.replace(self.folder / ("taken" if is_taken else "refused") / path.name)

    def _listed(self, place: str) -> list[str]:
        answer = self._ask("GET", place)
        try:
            found = json.loads(answer.body) if answer.status == 200 else None
        except (ValueError, RecursionError):
            found = None
        names = found.get("statements") if isinstance(found, dict) else None
        if not isinstance(names, list) or len(names) > LISTED_MAX or not all(is_name(each) for each in names):
            raise self._unexpected(f"GET {place}", "a list of statements", answer)
        return names

    def _keep(self, name: str, answer: BankAnswer) -> None:
        if answer.status != 200:
            raise self._unexpected(name, "200", answer)
        write_whole(self.folder / "in" / name, answer.body, 0o600)

    def _ask(self, method: str, path: str, body: bytes = b"", more: dict[str, str] | None = None) -> BankAnswer:
        """Ask with a token and a signature; failures of the way are tried again, a refused token is renewed once."""
        renewed = False
        for attempt in range(1, ATTEMPTS + 1):
            try:
                answer = self._once(method, path, body, {**(more or {}), "authorization": f"Bearer {self._token()}"})
            except (OSError, http.client.HTTPException) as error:
                answer = BankAnswer(0, type(error).__name__.encode(), "")
            if answer.status == 401 and not renewed:
                renewed, self.token = True, ""
                continue
            if answer.status and answer.status < 500 and answer.status != 429:
                return self._checked(path, answer)
            self.sleep(WAIT_S * 2**attempt)
        action = "Nothing is known of it: the next run asks again with the same id"
        found = f"{answer.status or 'no answer'} {ATTEMPTS} times"
        raise BankUnavailableError(f"{method} {path}", expected="an answer", found=found, action=action)

    def _checked(self, path: str, answer: BankAnswer) -> BankAnswer:
        if answer.status < 300 and not holds_detached(answer.signature, answer.body, self.bank.bank_key):
            found = "another one, or none"
            raise BankUnavailableError(path, expected="an answer under the bank's signature", found=found)
        return answer

    def _token(self) -> str:
        if self.token and time.monotonic() < self.token_until:
            return self.token
        basic = base64.b64encode(f"{self.bank.client_id}:{self.bank.secret}".encode()).decode()
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": self.bank.scope}).encode()
        headers = {"authorization": f"Basic {basic}", "content-type": "application/x-www-form-urlencoded"}
        answer = self._once("POST", "/token", form, headers)
        try:
            found = json.loads(answer.body) if answer.status == 200 else {}
            token, lasts_s = str(found["access_token"]), int(found["expires_in"])
        except (ValueError, KeyError, TypeError, RecursionError):
            if answer.status >= 500:
                raise ConnectionError("token") from None
            raise self._unexpected("POST /token", "an access_token and expires_in", answer) from None
        self.token, self.token_until = token, time.monotonic() + max(1, lasts_s - EARLY_S)
        return token

    def _once(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> BankAnswer:
        signed = {SIGNATURE: sign_detached(body, self.bank.key, self.bank.key_id), "content-type": "application/xml"}
        request = urllib.request.Request(
            self.bank.base + path, data=body or None, headers=signed | headers, method=method
        )
        try:
            with direct_opener().open(request, timeout=self.bank.timeout_s) as found:
                return BankAnswer(found.status, bounded(found), found.headers.get(SIGNATURE, ""))
        except urllib.error.HTTPError as error:
            with error:
                return BankAnswer(error.code, error.read(4_096), error.headers.get(SIGNATURE, ""))

    def _unexpected(self, where: str, expected: str, answer: BankAnswer) -> BankUnavailableError:
        text = answer.body[:200].decode("utf-8", "replace")
        return BankUnavailableError(where, expected=expected, found=f"{answer.status} {text!r}")


def bounded(found: http.client.HTTPResponse) -> bytes:
    """Return an answer's body. Raises: ConnectionError for one without end."""
    body = found.read(ANSWER_BYTES_MAX + 1)
    if len(body) > ANSWER_BYTES_MAX:
        raise ConnectionError("an answer without end")
    return body


def is_name(value: object) -> bool:
    """Say whether a statement's id can name a file."""
    return isinstance(value, str) and 0 < len(value) <= 80 and value.isprintable()
