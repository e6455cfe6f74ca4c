"""The office itself: its officers, and the parameters that no text seen so far sets."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tarazy.authority.parameters import SETTABLE
from tarazy.authority.state import ROLES, AuthorityOfficer, AuthorityState, Occasion, OfficialAct
from tarazy.domain.signer import Signer
from tarazy.platform.signed_acts.errors import ActRefusedError
from tarazy.platform.signed_acts.fields import ActField, Body
from tarazy.platform.signed_acts.record import canonical

FOUND = "office.found"
FOUNDING_DOMAIN = b"tarazy authority founding 1\n"
NOBODY_ALONE = "Nobody decides alone"
OFFICERS_MIN = 2  # with each role, so that two pairs of eyes are there


def officer_from(where: str, row: Body) -> AuthorityOfficer:
    """Return an officer from its texts.

    Raises: ActRefusedError.
    """
    roles = tuple(each.strip() for each in row["roles"].split(",") if each.strip())
    if not roles or any(each not in ROLES for each in roles):
        raise ActRefusedError(f"{where}, roles", expected=f"some of {', '.join(ROLES)}", found=row["roles"][:80])
    number, key = row["officer_id"], row["public_key"]
    if not number.isdecimal() or not 0 < int(number) < 10**6:
        raise ActRefusedError(f"{where}, officer_id", expected="a number from 1 to 999999", found=number[:80])
    if len(key) != 64 or any(letter not in "0123456789abcdef" for letter in key):
        raise ActRefusedError(f"{where}, public_key", expected="64 hexadecimal digits", found=key[:80])
    return AuthorityOfficer(int(number), row["name"], key, roles)


def founding_message(body: Body) -> bytes:
    """Return what the second founder signs: the title, the desk's key and the officers."""
    named = [body["title"], body["desk_key"], list(body["officers"])]
    return FOUNDING_DOMAIN + sha256(canonical(named).encode()).digest()


def _check_second(occasion: Occasion) -> None:
    """Check that another founder than who acts has signed the same names and keys."""
    body = occasion.body
    keys = {row["officer_id"]: row["public_key"] for row in body["officers"]}
    second = str(body["second_officer"])
    if second not in keys or body["second_officer"] in occasion.officers:
        expected = "another of the officers"
        raise ActRefusedError(f"{FOUND}, second_officer", expected=expected, found=second[:80], action=NOBODY_ALONE)
    try:
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(keys[second]))
        key.verify(bytes.fromhex(body["second_signature"]), founding_message(body))
    except (InvalidSignature, ValueError):
        expected = f"officer {second}'s signature over title, desk key and officers"
        raise ActRefusedError(f"{FOUND}, second_signature", expected=expected, found="another") from None


def check_found(state: AuthorityState, occasion: Occasion) -> None:
    """Check the first act: two officers or more with each role, each with a key of its own, and two who signed."""
    if state.officers:
        raise ActRefusedError(FOUND, expected="a new record", found="officers", action="Register officers instead")
    officers = [officer_from(FOUND, row) for row in occasion.body["officers"]]
    for name, values in (("number", [o.officer_id for o in officers]), ("key", [o.public_key for o in officers])):
        if len(set(values)) < len(values):
            raise ActRefusedError(FOUND, expected=f"one {name} for each officer", found="two alike")
    for role in ROLES:
        count = sum(role in each.roles for each in officers)
        if count < OFFICERS_MIN:
            expected = f"{OFFICERS_MIN} officers or more with the role {role}"
            raise ActRefusedError(FOUND, expected=expected, found=str(count), action=NOBODY_ALONE)
    _check_second(occasion)


def apply_found(state: AuthorityState, occasion: Occasion) -> None:
    """Begin."""
    state.title, state.desk_key = occasion.body["title"], occasion.body["desk_key"]
    for row in occasion.body["officers"]:
        officer = officer_from(FOUND, row)
        state.officers[officer.officer_id] = officer


def check_register(state: AuthorityState, occasion: Occasion) -> None:
    """Check an officer: a new number, or a new key for a number that is there."""
    officer = officer_from("office.register", {**occasion.body, "officer_id": occasion.subject})
    if any(o.public_key == officer.public_key for o in state.officers.values()):
        raise ActRefusedError("office.register", expected="a key that nobody had", found="one that is known")
    _check_enough(state, "office.register", officer.officer_id, officer.roles)


def apply_register(state: AuthorityState, occasion: Occasion) -> None:
    """Register an officer."""
    officer = officer_from("office.register", {**occasion.body, "officer_id": occasion.subject})
    state.officers[officer.officer_id] = officer


def check_revoke(state: AuthorityState, occasion: Occasion) -> None:
    """Check that two officers with each role stay."""
    if not occasion.subject.isdecimal() or int(occasion.subject) not in state.officers:
        raise ActRefusedError("office.revoke", expected="an officer's number", found=occasion.subject[:80])
    _check_enough(state, "office.revoke", int(occasion.subject), ())


def apply_revoke(state: AuthorityState, occasion: Occasion) -> None:
    """Let an officer act no more."""
    state.officers[int(occasion.subject)].is_active = False


def _check_enough(state: AuthorityState, where: str, officer_id: int, roles: tuple[str, ...]) -> None:
    for role in ROLES:
        count = len([each for each in state.active(role) if each != officer_id]) + (role in roles)
        if count < OFFICERS_MIN:
            expected = f"{OFFICERS_MIN} officers or more with the role {role}"
            raise ActRefusedError(where, expected=expected, found=str(count), action="Register another first")


def check_parameter(state: AuthorityState, occasion: Occasion) -> None:
    """Check that it is a parameter, in its unit, that it does not reach back, and that it has one value a day."""
    if occasion.subject not in SETTABLE:
        expected = f"one of {', '.join(SETTABLE)}"
        raise ActRefusedError("parameter.set, on what", expected=expected, found=occasion.subject[:80])
    if occasion.body["unit"] != SETTABLE[occasion.subject]:
        expected = SETTABLE[occasion.subject]
        raise ActRefusedError("parameter.set, unit", expected=expected, found=occasion.body["unit"])
    if occasion.body["from"] < occasion.day:
        found = f"{occasion.body['from']}, before the act"
        raise ActRefusedError("parameter.set, from", expected=f"{occasion.day} or later", found=found)
    known = {(each["key"], each["from"]) for each in state.parameters}
    if (occasion.subject, occasion.body["from"]) in known:
        raise ActRefusedError("parameter.set", expected="one value for a day", found="another for that day")


def apply_parameter(state: AuthorityState, occasion: Occasion) -> None:
    """Set a parameter from a day on."""
    state.parameters.append({"key": occasion.subject, **occasion.body})


KEY = (
    ActField("name", "name", most=100),
    ActField("public_key", "public key, 64 hexadecimal digits", most=64),
    ActField("roles", f"roles, of {', '.join(ROLES)}", most=200),
)
ACTS = (
    OfficialAct(
        FOUND,
        "found the authority with its officers",
        "administrator",
        (
            ActField("title", "name of the authority", most=100),
            ActField("desk_key", "public key of the desk", "digest"),
            ActField("officers", "officers", "table", columns=("officer_id", "name", "public_key", "roles")),
            ActField("second_officer", "number of the officer who signs beside who acts", "whole"),
            ActField("second_signature", "that officer's signature, hexadecimal", most=128),
        ),
        check_found,
        apply_found,
        is_for_two=False,
    ),
    OfficialAct(
        "office.register", "register an officer, or a new key", "administrator", KEY, check_register, apply_register
    ),
    OfficialAct("office.revoke", "let an officer act no more", "administrator", (), check_revoke, apply_revoke),
    OfficialAct(
        "parameter.set",
        "set a parameter that no text seen so far sets",
        "administrator",
        (
            ActField("value", "value", "whole"),
            ActField("unit", "unit", most=60),
            ActField("from", "first day", "date"),
            ActField("source", "where the value stands", most=400),
        ),
        check_parameter,
        apply_parameter,
    ),
)


def founding_body(
    title: str, desk_key: bytes, officers: list[dict[str, str]], second: int, signer: Signer
) -> dict[str, Any]:
    """Return the fields of the founding act, signed by the second founder; the first signs the act itself."""
    body = {"title": title, "desk_key": desk_key.hex(), "officers": officers, "second_officer": second}
    return {**body, "second_signature": signer.sign(founding_message(body)).hex()}
