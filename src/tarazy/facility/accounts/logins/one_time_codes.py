"""One-time codes of a second factor: those of an authenticator (RFC 6238, six digits, 30 s), and spare codes on paper.

An authenticator's secret is stored nowhere: it is derived from the master secret and a salt, as those of API keys are.
A code counts once: its step must be above the last one that was used.
"""

from __future__ import annotations

import base64
import hmac
import secrets

import pyotp

STEP_S = 30
STEPS_AROUND = 1  # a clock may be this many steps off
SPARE_CODES = 8
SPARE_BYTES = 5
ISSUER = "Tarazy"


def secret_of(master: bytes, salt: bytes) -> str:
    """Return an authenticator's secret, 160 bits in base32."""
    made = hmac.digest(master, b"tarazy one-time secret 1" + salt, "sha256")[:20]
    return base64.b32encode(made).decode()


def address_of(secret: str, name: str, facility: str) -> str:
    """Return the otpauth address that an authenticator reads from a picture."""
    return pyotp.TOTP(secret).provisioning_uri(name=name, issuer_name=f"{ISSUER} {facility}")


def step_of(secret: str, code: str, now_s: float, used_step: int) -> int | None:
    """Return the step of a code that is right now and was not used, None for any other text."""
    if len(code) != 6 or not code.isascii() or not code.isdecimal():
        return None
    totp, now_step = pyotp.TOTP(secret), int(now_s) // STEP_S
    found = None
    for step in range(now_step - STEPS_AROUND, now_step + STEPS_AROUND + 1):
        is_it = hmac.compare_digest(totp.generate_otp(step).encode(), code.encode())
        if is_it and step > used_step:
            found = step
    return found


def new_spare_codes() -> list[str]:
    """Return spare codes, each 40 random bits, as two groups of four letters and digits."""
    made = [base64.b32encode(secrets.token_bytes(SPARE_BYTES)).decode().lower() for _ in range(SPARE_CODES)]
    return [f"{each[:4]}-{each[4:]}" for each in made]


def spare_digest(master: bytes, code: str) -> bytes:
    """Return what is kept of a spare code, however it was typed."""
    plain = code.lower().replace("-", "").replace(" ", "")
    return hmac.digest(master, b"tarazy spare code 1" + plain.encode("utf-8", "replace"), "sha256")
