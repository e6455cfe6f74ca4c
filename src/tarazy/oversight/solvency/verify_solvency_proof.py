"""Check that your balance is part of what a Tarazy facility signed that it owes. Python 3.10 or newer, no packages.

    python3 verify_solvency_proof.py FILE [--account N] [--facility-key HEX]

FILE is a client's proof (`proof-SEQ-account-N.json`). Compare the account number and the balances that are printed with
your own records, and the facility's key with one that you have from elsewhere (the authority's register).

All numbers are little-endian. Formulas: docs/concepts/liabilities.md of Tarazy.
    leaf   sha256(0x00, asset u32, account u32, salt u128, amount u128); 32 zero bytes where the amount is 0
    node   sha256(0x01, left hash, left amount u128, right hash, right amount u128); two zero leaves give a zero leaf
    root   sha256(0x02, assets u32, then for each: asset u32, then of its accounts and of its receipts:
           positions u64, amount u128, hash)
Ed25519 is that of RFC 8032, section 5.1.7; the tree of frames that of RFC 6962, section 2.1.
"""

from __future__ import annotations

import argparse
import base64
import json
import re
import struct
import sys
from collections.abc import Callable
from hashlib import sha256, sha512
from typing import Any

FORMAT = "tarazy solvency proof 1"
BYTES_MAX = 4 << 20
ASSETS_MAX = 100_000
U128_MAX = (1 << 128) - 1
STATEMENT_FIELDS = struct.Struct("<16sQQ32s32s32sQIxxxxQQ32s")
STATEMENT_LINE = b"tarazy checkpoint statement 1\n"
FRAME_HEADER_BYTES = 176
DECIMAL = re.compile(r"(0|[1-9][0-9]{0,38})\Z", re.ASCII)
CODE = re.compile(r"[A-Z0-9.-]{1,16}\Z", re.ASCII)
HEX = re.compile(r"[0-9a-f]*\Z", re.ASCII)
Entry = tuple[bytes, int]
Top = tuple[int, Entry]
AssetTrees = tuple[int, Top, Top]
Point = tuple[int, int, int, int]
SignedBy = Callable[[bytes, bytes, bytes], bool]
ZERO: Entry = (bytes(32), 0)


class NotProved(Exception):  # noqa: N818 - it is the answer
    """The file does not prove what it says; the sentence says why."""


def need(condition: object, sentence: str) -> None:
    """Refuse where a condition does not hold."""
    if not condition:
        raise NotProved(sentence)


def field(values: Any, name: str, kind: type) -> Any:
    """Return a field of an object, of the expected kind."""
    need(isinstance(values, dict) and name in values, f"expected a field {name}, found none")
    found = values[name]
    need(type(found) is kind, f"expected {name} to be {kind.__name__}, found {type(found).__name__}")
    return found


def number(values: Any, name: str, largest: int = U128_MAX) -> int:
    """Return an amount or count: a JSON string of decimal digits, never negative, within its bits."""
    text = field(values, name, str)
    need(DECIMAL.match(text), f"expected {name} as decimal digits without a sign, found {text[:50]!r}")
    need(int(text) <= largest, f"expected {name} of at most {largest}, found {text}")
    return int(text)


def hexadecimal(values: Any, name: str, size: int | None = None) -> bytes:
    """Return the bytes of a field of lower-case hexadecimal digits."""
    text = field(values, name, str)
    need(HEX.match(text) and len(text) % 2 == 0, f"expected {name} as hexadecimal digits")
    need(size is None or len(text) == 2 * size, f"expected {size} bytes in {name}, found {len(text) // 2}")
    return bytes.fromhex(text)


def entry(values: Any) -> Entry:
    """Return (hash, amount) of one entry of a tree; an amount of 0 and the zero hash go together."""
    found = hexadecimal(values, "hash", 32), number(values, "amount_minor")
    need((found[0] == ZERO[0]) == (found[1] == 0), "an amount of 0 belongs to the zero hash, and to no other")
    return found


def tree(values: Any) -> Top:
    """Return (positions, entry) of the top of a tree."""
    positions = number(values, "positions", 1 << 40)
    need(positions > 0 and positions & (positions - 1) == 0, f"expected positions as a power of two, found {positions}")
    return positions, entry(values)


def packed(found: Entry) -> bytes:
    """Return the bytes of an entry."""
    return found[0] + found[1].to_bytes(16, "little")


def account_leaf(asset_id: int, account_id: int, salt: int, amount_minor: int) -> Entry:
    """Return the leaf of a balance."""
    if amount_minor == 0:
        return ZERO
    data = asset_id.to_bytes(4, "little") + account_id.to_bytes(4, "little")
    data += salt.to_bytes(16, "little") + amount_minor.to_bytes(16, "little")
    return sha256(b"\0" + data).digest(), amount_minor


def parent(left: Entry, right: Entry) -> Entry:
    """Return the parent of two entries; their amounts are added, and the sum must fit its bits."""
    if left == ZERO and right == ZERO:
        return ZERO
    total = left[1] + right[1]
    need(total <= U128_MAX, f"expected sums of at most {U128_MAX}, found {total}: an amount has wrapped around")
    return sha256(b"\1" + packed(left) + packed(right)).digest(), total


def top_of(leaf: Entry, position: int, siblings: list[Entry]) -> Entry:
    """Return the top that a leaf at a position has with its siblings, the lowest first."""
    found = leaf
    for sibling in siblings:
        found = parent(sibling, found) if position & 1 else parent(found, sibling)
        position >>= 1
    return found


def root_of_assets(assets: list[AssetTrees]) -> bytes:
    """Return the root over the assets' trees."""
    data = len(assets).to_bytes(4, "little")
    for asset_id, accounts, receipts in assets:
        data += asset_id.to_bytes(4, "little")
        for positions, top in (accounts, receipts):
            data += positions.to_bytes(8, "little") + top[1].to_bytes(16, "little") + top[0]
    return sha256(b"\2" + data).digest()


def read_assets(values: Any) -> list[AssetTrees]:
    """Return [(asset, tree of accounts, tree of receipts)]; assets are numbered 1, 2, 3 ... without a gap."""
    rows = field(values, "assets", list)
    need(len(rows) <= ASSETS_MAX, f"expected at most {ASSETS_MAX} assets, found {len(rows)}")
    found = []
    for expected, row in enumerate(rows, 1):
        asset_id = field(row, "asset_id", int)
        need(asset_id == expected, f"expected asset {expected} next, found {asset_id}: assets stand once, in order")
        found.append((asset_id, tree(field(row, "accounts", dict)), tree(field(row, "receipts", dict))))
    need(len({positions for _, (positions, _), _ in found}) <= 1, "expected one number of positions for all assets")
    return found


def name_of(row: Any) -> str:
    """Return what the facility calls an asset, behind a space; no root binds it, so it is shown and nothing more."""
    code = row.get("asset_code")
    return f" {code}" if isinstance(code, str) and CODE.match(code) else ""


def check_balances(values: Any, assets: list[AssetTrees]) -> tuple[int, dict[int, int]]:
    """Return {asset: amount} of the account after each path has led to its asset's top."""
    account_id = field(values, "account_id", int)
    need(0 < account_id < 1 << 32, f"expected an account number from 1, found {account_id}")
    salt = int.from_bytes(hexadecimal(values, "salt", 16), "little")
    found: dict[int, int] = {}
    last = 0
    for row in field(values, "balances", list):
        asset_id = field(row, "asset_id", int)
        need(last < asset_id <= len(assets), f"expected balances once for each asset, in order; found asset {asset_id}")
        last, (_, (positions, top), _) = asset_id, assets[asset_id - 1]
        path = [entry(each) for each in field(row, "path", list)]
        need(account_id < positions == 1 << len(path), f"asset {asset_id}: expected a path for {positions} positions")
        amount_minor = number(row, "amount_minor")
        found[asset_id] = amount_minor
        reached = top_of(account_leaf(asset_id, account_id, salt, amount_minor), account_id, path)
        need(reached == top, f"asset {asset_id}: the path of account {account_id} does not lead to the signed total")
    return account_id, found


def check_statement(values: Any, root: bytes, signed_by: SignedBy) -> dict[str, Any]:
    """Return the facts of the signed statement that names the root."""
    data, key = hexadecimal(values, "statement", 256), hexadecimal(values, "facility_key", 32)
    facts = STATEMENT_FIELDS.unpack_from(data)
    need(facts[5] == root, "the signed statement names another root: these are not the liabilities that were signed")
    need(data[140:144] == bytes(4) and len(data) == STATEMENT_FIELDS.size + 64, "the statement has a wrong form")
    need(signed_by(key, data[-64:], STATEMENT_LINE + data[:-64]), "the statement's signature is not the facility's")
    return {"facility_id": facts[0].hex(), "seq": facts[1], "ts_ns": facts[6], "facility_key": key.hex()}


def check_head(values: Any, statement: bytes, facility_id: str, key: bytes, signed_by: SignedBy) -> int:
    """Return the size of the signed head whose tree of frames holds the statement."""
    frame, text = hexadecimal(values, "frame"), field(values, "proof", str)
    need(len(frame) == FRAME_HEADER_BYTES + len(statement) + 32, "expected the frame of the statement")
    need(frame[FRAME_HEADER_BYTES:-32] == statement, "the frame holds another statement")
    need(sha256(frame[:-32]).digest() == frame[-32:], "the frame's hash is wrong")
    top, _, note = text.partition("\n\n")
    lines = top.split("\n")
    need(lines[0] == "c2sp.org/tlog-proof@v1" and len(lines) >= 3, "expected a C2SP tlog-proof")
    need(base64.b64decode(lines[1].partition(" ")[2]) == frame[-32:], "the proof is about another frame")
    body, _, signatures = note.partition("\n\n")
    origin, size, root = (body.split("\n") + ["", "", ""])[:3]
    need(origin == "tarazy/" + facility_id and size.isdecimal(), "expected a head of this facility")
    signed = [base64.b64decode(each.split(" ")[2]) for each in signatures.split("\n") if each.count(" ") == 2]
    is_held = any(signed_by(key, signature[4:], (body + "\n").encode()) for signature in signed[:16])
    need(is_held, "the head's signature is not the facility's")
    hashes = [base64.b64decode(line) for line in lines[3:]]
    reached = frames_root(frame[-32:], int(lines[2].partition(" ")[2]), int(size), hashes)
    need(reached == base64.b64decode(root), "the frame is not in the signed tree of frames")
    return int(size)


def frames_root(leaf: bytes, index: int, size: int, hashes: list[bytes]) -> bytes:
    """Return the root that an RFC 9162 inclusion proof (section 2.1.3.2) leads to."""
    need(0 <= index < size, "the frame's place lies outside the tree")
    found, at, last = sha256(b"\0" + leaf).digest(), index, size - 1
    for each in hashes:
        need(last > 0, "the proof in the tree of frames is too long")
        if at & 1 or at == last:
            found = sha256(b"\1" + each + found).digest()
            while not at & 1 and at:
                at, last = at >> 1, last >> 1
        else:
            found = sha256(b"\1" + found + each).digest()
        at, last = at >> 1, last >> 1
    need(last == 0, "the proof in the tree of frames is too short")
    return found


def check(values: Any, signed_by: SignedBy | None = None) -> dict[str, Any]:
    """Return what a client's proof shows.

    With `statement` null the root is signed nowhere: whoever has the journal replays it to the command and compares.
    Raises: NotProved.
    """
    signed_by = signed_by or is_signed
    need(field(values, "format", str) == FORMAT, f"expected the format {FORMAT!r}")
    assets = read_assets(values)
    account_id, balances = check_balances(values, assets)
    root = root_of_assets(assets)
    found: dict[str, Any] = {"account_id": account_id, "balances": balances, "root": root.hex()}
    found.update(signed=False, head_size=None)
    found["totals"] = {asset_id: accounts[1][1] + receipts[1][1] for asset_id, accounts, receipts in assets}
    need(hexadecimal(values, "root", 32) == root, "the assets' trees do not have the root that the file names")
    found["names"] = {row["asset_id"]: name_of(row) for row in values["assets"]}
    found["seq"] = number(values, "seq", (1 << 64) - 1)
    found["facility_id"] = hexadecimal(values, "facility_id", 16).hex()
    if values.get("statement") is None:
        return found
    facts = check_statement(values, root, signed_by)
    where = (facts["seq"], facts["facility_id"])
    need(where == (found["seq"], found["facility_id"]), "the statement is about another point")
    found.update(facts, signed=True)
    if values.get("head") is not None:
        key = bytes.fromhex(facts["facility_key"])
        statement = hexadecimal(values, "statement", 256)
        try:
            found["head_size"] = check_head(values["head"], statement, facts["facility_id"], key, signed_by)
        except ValueError as error:
            raise NotProved(f"the head that holds the statement cannot be read: {error}") from error
    return found


# Ed25519 over curve 25519 in extended coordinates (RFC 8032, sections 5.1.4 and 5.1.7).
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
SQRT_M1 = pow(2, (P - 1) // 4, P)


def add_points(a: Point, b: Point) -> Point:
    """Return the sum of two points (X, Y, Z, T)."""
    u, v = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    w, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = v - u, z - w, z + w, v + u
    return e * f % P, g * h % P, f * g % P, e * h % P


def multiply(scalar: int, point: Point) -> Point:
    """Return a multiple of a point."""
    found: Point = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            found = add_points(found, point)
        point, scalar = add_points(point, point), scalar >> 1
    return found


def point_of(data: bytes) -> Point | None:
    """Return the point of 32 bytes, None where they are none."""
    y = int.from_bytes(data, "little")
    sign, y = y >> 255, y & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * SQRT_M1 % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


BASE_Y = 4 * pow(5, P - 2, P) % P
BASE_X = 15112221349535400772501151409588531511454012693041857206046113283949847762202
BASE = BASE_X, BASE_Y, 1, BASE_X * BASE_Y % P


def is_signed(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Say whether an Ed25519 signature over a message is the key's."""
    if len(signature) != 64 or len(public_key) != 32:
        return False
    a, r, s = point_of(public_key), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= ORDER:
        return False
    h = int.from_bytes(sha512(signature[:32] + public_key + message).digest(), "little") % ORDER
    left, right = multiply(s, BASE), add_points(r, multiply(h, a))
    return (left[0] * right[2] - right[0] * left[2]) % P == 0 == (left[1] * right[2] - right[1] * left[2]) % P


def read_proof(path: str) -> Any:
    """Return the object of a file that is no larger than any proof. Raises: NotProved, OSError."""
    with open(path, "rb") as file:
        data = file.read(BYTES_MAX + 1)
    need(len(data) <= BYTES_MAX, f"expected a file of at most {BYTES_MAX} bytes, found a larger one")
    try:
        return json.loads(data, object_pairs_hook=without_repetition)
    except (ValueError, RecursionError) as error:
        raise NotProved(f"expected a JSON object, found {error}") from error


def without_repetition(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose names stand once: readers differ on which of two they take."""
    need(len({name for name, _ in pairs}) == len(pairs), "expected each name of an object once, found one twice")
    return dict(pairs)


def main(argv: list[str] | None = None) -> int:
    """Check one file and say what it proves; exit code 0 proved, 1 not proved, 3 held but not signed."""
    parser = argparse.ArgumentParser(
        description="Check that your balance is part of what a facility signed that it owes."
    )
    parser.add_argument("file")
    parser.add_argument("--account", type=int, help="your account's number; a proof for another one is refused")
    parser.add_argument("--facility-key", help="the facility's key, 64 hexadecimal digits, from elsewhere")
    arguments = parser.parse_args(argv)
    try:
        found = check(read_proof(arguments.file))
        account = arguments.account
        need(account in (None, found["account_id"]), f"the proof is for account {found['account_id']}, not {account}")
        key = arguments.facility_key
        need(key in (None, found.get("facility_key")), f"the proof is signed by {found.get('facility_key')}, not {key}")
    except (NotProved, OSError) as error:
        print(f"NOT PROVED: {error}")
        return 1
    print(f"account {found['account_id']} after command {found['seq']} of facility {found['facility_id']}")
    for asset_id, amount_minor in found["balances"].items():
        total, name = found["totals"][asset_id], found["names"][asset_id]
        print(f"  asset {asset_id}{name}: {amount_minor} minor units, within a total of {total}")
    if not found["signed"]:
        print(
            "HELD, NOT SIGNED: no statement of the facility names this root; only a replay of its journal confirms it"
        )
        return 3
    print(
        f"PROVED: signed by the key {found['facility_key']}" + ("" if arguments.facility_key else "; compare that key")
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
