"""Bytes of FIX: published messages are read, cut bytes are waited for, and what is no FIX is found at once.

The messages are the samples of binance/binance-spot-api-docs, fix-api.md. Lengths and checksums are
computed here: those of some samples are not of the text that the page has.
"""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tarazy.facility.gateway.fix.codec import (
    FixFieldError,
    FrameError,
    Framer,
    Stamps,
    framed,
    pairs_of,
    time_us,
)
from tarazy.facility.gateway.fix.message import message_of

SAMPLES = [
    "8=FIX.4.4|9=55|35=5|34=3|49=GhQHzrLR|52=20240611-09:44:25.543|56=SPOT|10=249|",
    "8=FIX.4.4|9=93|35=F|34=2|49=ieBwvCKy|52=20240613-01:11:13.784|56=SPOT|11=1718241073695674483|37=2|55=LTCBNB|10=210|",
    "8=FIX.4.4|9=94|35=q|34=2|49=dpYPesqv|52=20240613-01:24:36.948|56=SPOT|11=1718241876901971671|55=ABCDEF|530=1|10=110|",
    "8=FIX.4.4|9=82|35=XLQ|34=2|49=7buKHZxZ|52=20240614-05:35:35.357|56=SPOT|6136=1718343335357229749|10=170|",
    "8=FIX.4.4|9=114|35=D|34=2|49=qNXO12fH|52=20240611-09:01:46.228|56=SPOT|11=1718096506197867067|38=5|40=2|44=10|54=1|"
    "55=LTCBNB|59=4|10=016|",
    "8=FIX.4.4|9=236|35=E|34=2|49=Eg13pOvN|52=20240607-02:19:07.836|56=SPOT|73=2|11=w1717726747805308656|55=LTCBNB|54=2|"
    "38=1|40=2|44=0.25|59=1|11=p1717726747805308656|55=LTCBNB|54=2|38=1|40=1|25010=1|25011=3|25012=0|25013=1|1385=2|"
    "25014=1717726747805308656|10=171|",
    "8=FIX.4.4|9=132|35=V|49=TRADER1|56=SPOT|34=4|52=20241122-06:17:14.183428|262=BOOK_TICKER_STREAM|263=1|264=1|266=Y|"
    "146=1|55=BTCUSDT|267=2|269=0|269=1|10=010|",
]


def raw(sample: str) -> bytes:
    """Return a sample as bytes."""
    inner = sample[sample.index("35=") : sample.rindex("10=")].replace("|", "\x01").encode()
    message = b"8=FIX.4.4\x019=%d\x01" % len(inner) + inner
    return message + b"10=%03d\x01" % (sum(message) % 256)


def test_published_logout_has_the_length_and_the_checksum_that_are_computed() -> None:
    assert raw(SAMPLES[0]) == SAMPLES[0].replace("|", "\x01").encode()


@pytest.mark.parametrize("sample", SAMPLES, ids=lambda sample: sample.split("35=")[1].split("|")[0])
def test_published_message_is_read(sample: str) -> None:
    (found,) = Framer(1_000).feed(raw(sample))
    message = message_of(found)
    message.read()
    assert message.header[56] == "SPOT"
    assert message.seq == int(message.header[34])


def test_orders_of_the_published_list_are_told_apart() -> None:
    message = message_of(raw(SAMPLES[5]))
    message.read()
    working, pending = message.body.groups[73]
    assert (working.fields[44], pending.fields[40]) == ("0.25", "1")
    assert pending.groups[25010][0].fields == {25011: "3", 25012: "0", 25013: "1"}
    assert message.body.fields[25014] == "1717726747805308656"


@given(st.lists(st.integers(min_value=1, max_value=40), max_size=40))
def test_stream_may_be_cut_anywhere(cuts: list[int]) -> None:
    stream, framer, found = b"".join(map(raw, SAMPLES)), Framer(1_000), []
    at = 0
    for cut in [*cuts, len(stream)]:
        found += framer.feed(stream[at : at + cut])
        at += cut
    assert found == [raw(sample) for sample in SAMPLES]


def test_message_that_was_made_is_read_again() -> None:
    made = framed("D", "49=A\x0156=B\x01", 7, Stamps().now(), "11=x\x0155=Y\x01")
    assert list(Framer(1_000).feed(made)) == [made]
    assert pairs_of(made)[:4] == [(35, "D"), (49, "A"), (56, "B"), (34, "7")]


@pytest.mark.parametrize("bad", [b"8=FIX.4.2\x01", b"GET / HTTP", b"8=FIX.4.4\x019=x", b"8=FIX.4.4\x019=99999999999"])
def test_what_is_no_fix_is_found_before_it_is_whole(bad: bytes) -> None:
    with pytest.raises(FrameError):
        list(Framer(1_000).feed(bad))


def test_message_beyond_the_bound_is_not_waited_for() -> None:
    with pytest.raises(FrameError, match="at most 1000 bytes"):
        list(Framer(1_000).feed(b"8=FIX.4.4\x019=1000\x01"))


@given(st.binary(max_size=200))
def test_any_bytes_are_taken_or_refused(data: bytes) -> None:
    framer = Framer(500)
    try:
        for found in framer.feed(data):
            message_of(found).read()
    except (FrameError, FixFieldError):
        pass


@given(st.lists(st.tuples(st.integers(min_value=1, max_value=30_000), st.text(max_size=10)), max_size=12))
def test_any_fields_are_read_or_refused(fields: list[tuple[int, str]]) -> None:
    body = "".join(f"{tag}={value}\x01" for tag, value in fields)
    made = framed("E", "49=A\x0156=B\x01", 7, Stamps().now(), body)
    with suppress(FixFieldError):
        message_of(made).read()


def test_times_are_read_to_the_microsecond() -> None:
    """1718096506 is 2024-06-11 09:01:46 UTC."""
    assert time_us("20240611-09:01:46.228") == 1_718_096_506_228_000
    assert time_us("20240611-09:01:46.228950") == 1_718_096_506_228_950
    assert time_us("20240611-09:01:46") == 1_718_096_506_000_000
    assert Stamps().of_us(1_718_096_506_228_950) == "20240611-09:01:46.228950"
    for bad in ("20240611 09:01:46", "20241311-09:01:46", "20240611-25:01:46", "20240611-09:01:46.1"):
        with pytest.raises(ValueError, match=r".*"):
            time_us(bad)
