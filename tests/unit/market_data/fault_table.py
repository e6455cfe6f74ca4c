"""Two hundred files that are not what they should be, made by code from small good ones, and what has to be said.

Each row of a table names one place of a good file and what is put there. The right words were decided from the formats'
own pages first: RFC 4180 for rows and quotes, RFC 8259 for JSON (no NaN, no Infinity), RFC 1952 for gzip; Binance's
page of WebSocket streams (prices and quantities are texts, times milliseconds, ids whole numbers) and LOBSTER's of its
message files (six columns; types 1 to 7; times within a day).
"""

from __future__ import annotations

import bz2
import gzip
import io
import json
import lzma
import zipfile
from collections.abc import Iterator
from typing import Any, NamedTuple

BITSTAMP = """id,timestamp,exchange_timestamp,price,volume,action,direction
11,1700000000060,1700000000000,99.5,1.25,created,bid
21,1700000000060,1700000000000,101.0,1.0,created,ask
31,1700000000107,1700000000047,101.0,0.5,created,bid
31,1700000000107,1700000000047,101.0,0.0,deleted,bid
21,1700000000107,1700000000047,101.0,0.5,changed,ask
11,1700000000907,1700000000847,99.5,1.25,deleted,bid
"""
LOBSTER = """34200.1,1,901,100,1000000,1
34200.2,1,902,100,1000100,-1
34200.3,4,901,60,1000000,1
34200.4,2,901,20,1000000,1
34200.5,3,902,100,1000100,-1
"""
BINANCE: list[dict[str, Any]] = [
    {"lastUpdateId": 100, "bids": [["99.5", "1.0"]], "asks": [["100.5", "1.0"], ["101.0", "2.0"]]},
    {"e": "depthUpdate", "E": 1700000000100, "s": "BTCUSDT", "U": 99, "u": 101, "b": [["98.0", "1.0"]], "a": []},
    {
        "e": "trade",
        "E": 1700000000150,
        "T": 1700000000150,
        "s": "BTCUSDT",
        "t": 1,
        "p": "99.5",
        "q": "0.4",
        "m": True,
    },
    {"u": 102, "s": "BTCUSDT", "b": "99.5", "B": "0.6", "a": "100.5", "A": "1.0"},
    {"e": "depthUpdate", "E": 1700000000200, "s": "BTCUSDT", "U": 102, "u": 110, "b": [["99.5", "0.6"]], "a": []},
]
OVER_64_BITS = str(1 << 64)
NO_NUMBERS = ("", "x", "null", "NaN", "Infinity", "-inf", "0x10", "1_000", "\u0661\u0662", " 5", "+5", "1.2.3", "--1")
SYMBOL = {"bitstamp": (), "lobster": (), "binance": ()}


class Fault(NamedTuple):
    """A bad file, and the line, column and words that the message must have (0, "" = none; line -1 = any)."""

    name: str
    form: str
    content: bytes
    line: int
    column: str
    words: str
    ending: str = ".csv"


def cells(text: str, line: int, column: int, value: str) -> bytes:
    """Return a table with another value in one cell; lines count from 1, columns from 0."""
    rows = text.splitlines()
    values = rows[line - 1].split(",")
    values[column] = value
    rows[line - 1] = ",".join(values)
    return "\n".join(rows).encode() + b"\n"


def capture(messages: list[Any]) -> bytes:
    """Return messages as a capture."""
    lines = (
        f"{1700000000000000000 + n} {m if isinstance(m, str) else json.dumps(m)}\n" for n, m in enumerate(messages)
    )
    return "".join(lines).encode()


def message(line: int, field: str, value: Any) -> bytes:
    """Return the good capture with another value in one field; `...` leaves the field out."""
    messages = [dict(each) for each in BINANCE]
    if value is ...:
        del messages[line - 1][field]
    else:
        messages[line - 1][field] = value
    return capture(messages)


def bitstamp_faults() -> Iterator[Fault]:
    """Yield bad cells of a Bitstamp file."""
    whole = (*NO_NUMBERS, "0", "-1", "1.5", "1e3", OVER_64_BITS, "9" * 60)
    for value in whole:
        yield Fault(f"id {value[:20]!r}", "bitstamp", cells(BITSTAMP, 4, 0, value), 4, "id", "expected a whole number")
    for value in (*NO_NUMBERS, "0", "-1", "1.5"):
        content = cells(BITSTAMP, 4, 2, value)
        yield Fault(f"time {value!r}", "bitstamp", content, 4, "exchange_timestamp", "expected a whole number")
    for value in ("1700000000047000", "1700000000047000000", "9" * 30):
        content = cells(BITSTAMP, 4, 2, value)
        yield Fault(f"time {value}", "bitstamp", content, 4, "exchange_timestamp", "a time in milliseconds")
        content = cells(BITSTAMP, 2, 2, value)
        yield Fault(f"first time {value}", "bitstamp", content, 2, "exchange_timestamp", "13 digits")
    content = cells(BITSTAMP, 5, 2, "1600000000000")
    yield Fault("time of another year", "bitstamp", content, 5, "exchange_timestamp", "at most 600 seconds before")
    for place, name in ((3, "price"), (4, "volume")):
        for value in NO_NUMBERS:
            content = cells(BITSTAMP, 4, place, value)
            yield Fault(f"{name} {value!r}", "bitstamp", content, 4, name, "expected a decimal number, found")
        for value, words in (
            ("-1", "expected a number of zero or more, found '-1'"),
            ("-0.5", "expected a number of zero or more, found '-0.5'"),
            ("1.123456789", "at most 8 decimal places, found '1.123456789', which needs 9"),
            ("1e-9", "at most 8 decimal places, found '1e-9', which needs 9"),
            (OVER_64_BITS, "expected a number below 2882303761.51711744"),
            ("9" * 60, "expected a number below"),
            ("1" * 100, "expected a decimal number"),
            ("1e99", "expected a number below"),
            ("1e9999", "expected a decimal number"),
        ):
            yield Fault(f"{name} {value[:20]}", "bitstamp", cells(BITSTAMP, 4, place, value), 4, name, words)
    for place, name, words in ((5, "action", "created, changed or deleted"), (6, "direction", "bid or ask")):
        for value in ("", "opened", "Created", "BID", "null", "1"):
            yield Fault(f"{name} {value!r}", "bitstamp", cells(BITSTAMP, 4, place, value), 4, name, words)


def row_faults() -> Iterator[Fault]:
    """Yield rows and headers that RFC 4180 or the format does not have."""
    rows = BITSTAMP.splitlines()

    def bitstamp(name: str, text: str, line: int, words: str, column: str = "") -> Fault:
        return Fault(name, "bitstamp", text.encode(), line, column, words)

    yield bitstamp(
        "a value too few", "\n".join([*rows[:3], rows[3].rpartition(",")[0]]), 4, "expected 7 values, found 6"
    )
    yield bitstamp("a value too many", "\n".join([*rows[:3], rows[3] + ",1"]), 4, "expected 7 values, found 8")
    yield bitstamp("a thousands separator", BITSTAMP.replace("101.0,0.5,created", "1,010.0,0.5,created"), 4, "found 8")
    yield bitstamp("semicolons", BITSTAMP.replace(",", ";"), 1, "expected a header with the columns")
    yield bitstamp("tabs", BITSTAMP.replace(",", "\t"), 1, "expected a header with the columns")
    yield bitstamp("no header", "\n".join(rows[1:]), 1, "expected a header with the columns")
    yield bitstamp("a column twice", BITSTAMP.replace("id,timestamp", "id,price"), 1, "missing: timestamp")
    twice = "\n".join([rows[0] + ",price", *(row + ",1" for row in rows[1:])])
    yield bitstamp("a column twice beside all", twice, 1, "expected each column once", "price")
    yield bitstamp("a header alone", rows[0] + "\n", 2, "expected at least one order event")
    yield bitstamp("nothing", "", 1, "expected a header with the columns")
    yield bitstamp(
        "an open quote", BITSTAMP.replace("101.0,0.5", '"101.0,0.5'), 4, "expected quotes around whole values"
    )
    yield bitstamp("a quote inside", BITSTAMP.replace("101.0,0.5", '"10"1.0,0.5'), 4, "quotes around whole values")
    yield bitstamp("a zero byte", BITSTAMP.replace("101.0,0.5", "101.0\0,0.5"), 4, "no zero bytes", "37 (character)")
    yield bitstamp("old line ends", BITSTAMP.replace("\n", "\r"), 1, "lines that end with LF or CRLF")
    yield bitstamp("HTML", "<!DOCTYPE html>\n<html></html>\n", 1, "expected a header with the columns")
    yield bitstamp("LOBSTER's format", LOBSTER, 1, "expected a header with the columns")
    latin = BITSTAMP.replace("created,bid\n31", "cre\u00e9,bid\n31").encode("latin-1")
    yield Fault("Latin-1", "bitstamp", latin, 4, "", "expected text in UTF-8, found byte 0xe9")
    yield Fault(
        "a line without end", "bitstamp", BITSTAMP.encode() + b"1" * (1 << 23), 8, "", "at most 4,194,304 bytes"
    )
    yield Fault("too few", "lobster", b"34200.1,1,901,100,1000000\n", 1, "", "expected six values")
    yield Fault("nothing", "lobster", b"", 1, "", "expected at least one message, found an empty file")
    yield Fault("blank lines", "lobster", b"\n\n\n", 1, "", "expected at least one message")
    yield Fault("Bitstamp's format", "lobster", BITSTAMP.encode(), 1, "1 (time)", "expected seconds after midnight")


def lobster_faults() -> Iterator[Fault]:
    """Yield bad cells of a LOBSTER file."""
    columns = ("1 (time)", "2 (type)", "3 (order id)", "4 (size)", "5 (price)", "6 (direction)")
    words = ("seconds after midnight", "a type from 1 to 7", "an order id above zero", "a size above zero")
    words += ("a price above zero", "a direction 1 (buy) or -1 (sell)")
    values = ("", "x", "null", "NaN", "0x10", "1_0", "\u0661", "-5", "9" * 60, "1e400")
    special = (("86400", "-1", "0.1234567891"), ("0", "8", "1.5"), ("0", "1.5"), ("0", "1.5"), ("0", "1.5"), ("0", "2"))
    for place, (column, expected) in enumerate(zip(columns, words, strict=True)):
        for value in (*values, *special[place]):
            name = f"{column} {value[:20]!r}"
            yield Fault(name, "lobster", cells(LOBSTER, 3, place, value), 3, column, f"expected {expected}")


def binance_faults() -> Iterator[Fault]:
    """Yield bad fields of a Binance capture."""
    decimals = (
        ("x", "decimal number"),
        ("-1", "number"),
        ("NaN", "decimal number"),
        (1.5, "a decimal number in quotes"),
    )
    decimals += ((None, "found 'null'"), ([], "in quotes"), ("1.123456789", "which needs 9"))
    decimals += ((OVER_64_BITS, "expected a number below"), ("1e9999", "decimal number"), ("", "decimal number"))
    for field in "pq":
        for value, words in (*decimals, ("0", "above zero")):
            yield Fault(f"{field} {value!r}", "binance", message(3, field, value), 3, field, words)
    for field in "bBaA":
        for value, words in decimals[:6]:
            yield Fault(f"quote {field} {value!r}", "binance", message(4, field, value), 4, field, words)
    for place, level in enumerate((["x", "1"], [1, "1"], ["1", None], ["1", "-1"], ["1"], "1", None, {"p": "1"})):
        yield Fault(f"level {level!r}", "binance", message(2, "b", [["1", "1"], level]), 2, "b[1]", "expected")
        yield Fault(f"snapshot level {place}", "binance", message(1, "bids", [level]), 1, "bids[0]", "expected")
    for line, field in ((2, "E"), (3, "T")):
        for value, words in (
            (1700000000100000, "milliseconds since 1970 (13 digits) in a"),
            (0, "milliseconds since 1970"),
            (-5, "a whole number from 0 to 18446744073709551615"),
            ("1700000000100", "a whole number"),
            (None, "a whole number"),
            (1.5, "a whole number"),
            (1 << 64, "a whole number from 0 to"),
        ):
            yield Fault(f"{field} {value!r}", "binance", message(line, field, value), line, field, words)
    for line, field in ((1, "lastUpdateId"), (2, "U"), (2, "u"), (3, "t"), (4, "u")):
        for value in (-1, 1 << 64, "101", None, True, 1.5, []):
            yield Fault(
                f"{line} {field} {value!r}", "binance", message(line, field, value), line, field, "a whole number"
            )
    yield Fault("u before U", "binance", message(2, "u", 5), 2, "u", "a last update id of 99 or more")
    for value in ("true", 1, None):
        yield Fault(f"m {value!r}", "binance", message(3, "m", value), 3, "m", "expected true or false")
    for line, fields in ((1, ("bids", "asks")), (2, "EUuba"), (3, "tpqm")):
        for field in fields:
            words = f"expected a field '{field}'"
            yield Fault(f"no {field} in {line}", "binance", message(line, field, ...), line, "", words)
    for value in (5, None, ["BTC"], "B" * 100, "B\nC"):
        yield Fault(f"s {str(value)[:9]!r}", "binance", message(3, "s", value), 3, "s", "expected a symbol")


def json_faults() -> Iterator[Fault]:
    """Yield lines that are no message, and captures that cannot be played."""
    for name, text, words in (
        ("cut JSON", '{"e": ', "expected a JSON text after the time"),
        ("no JSON", "hello", "expected a JSON text after the time"),
        ("a list", "[1, 2]", "expected a JSON object"),
        ("a text", '"x"', "expected a JSON object"),
        ("null", "null", "expected a JSON object"),
        ("NaN", '{"e": NaN}', "NaN is no JSON number"),
        ("Infinity", '{"e": -Infinity}', "-Infinity is no JSON number"),
        ("deep lists", "[" * 100_000, "nested too deep"),
        ("deep objects", '{"a":' * 100_000, "nested too deep"),
        ("a number of 5,000 digits", '{"e": %s}' % ("9" * 5000), "expected a JSON text"),
        ("two objects", '{"a": 1} {"b": 2}', "Extra data"),
        ("single quotes", "{'a': 1}", "expected a JSON text"),
    ):
        yield Fault(name, "binance", capture([*BINANCE[:2], text]), 3, "2 (message)", words)
    for name, head in (("no time", "x"), ("a time with a point", "1.5"), ("a long time", "1" * 20), ("a sign", "-1")):
        content = capture(BINANCE[:1]) + f"{head} {json.dumps(BINANCE[1])}\n".encode()
        yield Fault(name, "binance", content, 2, "1 (local time)", "a local time in nanoseconds")
    yield Fault("JSON alone", "binance", json.dumps(BINANCE[0]).encode(), 1, "1 (local time)", "a local time")
    yield Fault("nothing", "binance", b"", 0, "", "expected a depth snapshot (lastUpdateId) to start the book from")
    yield Fault("no snapshot", "binance", capture(BINANCE[1:]), 0, "", "expected a depth snapshot")
    both = capture([*BINANCE, {**BINANCE[2], "s": "ETHUSDT"}])
    yield Fault(
        "two symbols", "binance", both, 0, "", "found 2: BTCUSDT (4 messages), ETHUSDT (1 messages); choose one"
    )
    unnamed = capture([*BINANCE, {key: value for key, value in BINANCE[2].items() if key != "s"}])
    yield Fault(
        "a message of no symbol", "binance", unnamed, 0, "", "(no symbol) (1 messages); choose one with --symbol"
    )


def zipped(*members: tuple[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive."""
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", method) as archive:
        for name, content in members:
            archive.writestr(name, content)
    return made.getvalue()


def encrypted(content: bytes) -> bytes:
    """Return an archive whose member says that it is encrypted (bit 0 of both flags, APPNOTE.TXT 4.4.4)."""
    made = bytearray(zipped(("orders.csv", content)))
    made[6] |= 1
    made[made.rindex(b"PK\x01\x02") + 8] |= 1
    return bytes(made)


def packing_faults() -> Iterator[Fault]:
    """Yield files that are packed in a way that is not read, or badly, and texts in other encodings."""
    long = (BITSTAMP + "\n" * 3).encode() + b"".join(b"%d,1,1,1,1,created,bid\n" % n for n in range(50_000))
    content = BITSTAMP.encode()

    def packed(name: str, made: bytes, words: str, line: int = 0) -> Fault:
        return Fault(name, "bitstamp", made, line, "", words, ".bin")

    yield packed("Zstandard", b"\x28\xb5\x2f\xfd" + bytes(40), "found a Zstandard file; unpack it")
    yield packed("LZ4", b"\x04\x22\x4d\x18" + bytes(40), "found an LZ4 file")
    yield packed("7z", b"7z\xbc\xaf\x27\x1c" + bytes(40), "found a 7z archive")
    yield packed("RAR", b"Rar!\x1a\x07" + bytes(40), "found a RAR archive")
    yield packed("Parquet", b"PAR1" + bytes(40), "found a Parquet file; export it as text")
    yield packed("UTF-16, little end", BITSTAMP.encode("utf-16"), "found text in UTF-16; convert it to UTF-8")
    yield packed("UTF-16, big end", b"\xfe\xff" + BITSTAMP.encode("utf-16-be"), "found text in UTF-16")
    yield packed("UTF-16 without a mark", BITSTAMP.encode("utf-16-le"), "found bytes that are no text")
    yield packed("UTF-32", BITSTAMP.encode("utf-32-be"), "found bytes that are no text")
    yield packed("a program", b"\x7fELF\x02\x01\x01" + bytes(100), "expected", 1)
    yield packed("gzip in gzip", gzip.compress(gzip.compress(content)), "found a gzip file inside a gzip file")
    yield packed("UTF-16 in gzip", gzip.compress(BITSTAMP.encode("utf-16")), "found text in UTF-16 inside a gzip file")
    yield packed("zip in zip", zipped(("a.csv", zipped(("b.csv", content)))), "found a zip file inside a zip file")
    for name, pack in (("gzip", gzip.compress), ("bzip2", bz2.compress), ("xz", lzma.compress)):
        whole = pack(long)
        yield packed(f"cut {name}", whole[: len(whole) // 2], "expected", -1)
        damaged = bytearray(pack(content))
        damaged[-9] ^= 0xFF
        yield packed(f"damaged {name}", bytes(damaged), "expected a whole compressed file", -1)
    yield packed("rubbish behind gzip", gzip.compress(content) + b"rubbish", "expected a whole compressed file", -1)
    yield packed("a head of gzip alone", b"\x1f\x8b\x08\x00", "expected a whole compressed file", -1)
    yield packed("an empty archive", zipped(), "found none; unpack it")
    yield packed(
        "several members", zipped(("a.csv", content), ("b.csv", content)), "found 2: 'a.csv, b.csv'; unpack it"
    )
    yield packed("a README alone", zipped(("README.txt", b"x")), "found none")
    yield packed("a member outside", zipped(("../../orders.csv", content)), "one that leaves its folder")
    yield packed("a member at the root", zipped(("/etc/orders.csv", content)), "one that leaves its folder")
    yield packed("an encrypted member", encrypted(content), "found an encrypted one")
    yield packed("a cut archive", zipped(("a.csv", long))[:5000], "expected a whole compressed file", -1)
    for method in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        odd = zipped(("a.csv", bytes(200_000_000)), method=method)
        yield packed(f"an archive of method {method}", odd, f"found one of method {method}; unpack it")
    bomb = zipped(("a.csv", bytes(200_000_000)))
    yield packed("an archive that grows", bomb, "found bytes that are no text inside a zip file")
    longest = gzip.compress(content + b"7" * 200_000_000, 1)
    yield packed("a line that grows", longest, "a line of at most 4,194,304 bytes", 8)


def all_faults() -> list[Fault]:
    """Return every fault."""
    makers = (bitstamp_faults, row_faults, lobster_faults, binance_faults, json_faults, packing_faults)
    return [fault for make in makers for fault in make()]
