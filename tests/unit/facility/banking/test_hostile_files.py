"""Files made to hurt: each ends with one clear error, in bounded time and memory."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tarazy.facility.banking.errors import BankFileError

from .conftest import Read
from .messages import balance, camt, details, entry, statement

EDGES = (balance("OPBD", "0"), balance("CLBD", "1"))
BOMB = "<!DOCTYPE Document [<!ENTITY a 'aaaaaaaaaa'>" + "".join(
    f"<!ENTITY {chr(98 + level)} '{f'&{chr(97 + level)};' * 10}'>" for level in range(12)
)


def with_reference(reference: str) -> str:
    return statement(entry("1", inner=details(f"<RmtInf><Ustrd>{reference}</Ustrd></RmtInf>")), balances=EDGES)


def test_billion_laughs_are_refused(read: Read) -> None:
    with pytest.raises(BankFileError, match=r"document type|entit|Entit|amplification"):
        read(camt(with_reference("&m;"), head=BOMB + "]>\n"))


def test_external_entity_is_not_fetched(read: Read, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("the secret")
    head = f"<!DOCTYPE Document [<!ENTITY x SYSTEM 'file://{secret}'>]>\n"
    with pytest.raises(BankFileError) as caught:
        read(camt(with_reference("&x;"), head=head))
    assert "the secret" not in str(caught.value)


def test_outside_document_type_is_refused(read: Read) -> None:
    with pytest.raises(BankFileError, match="document type"):
        read(camt(with_reference("x"), head="<!DOCTYPE Document SYSTEM 'http://127.0.0.1:9/x.dtd'>\n"))


def test_deep_nesting_is_refused(read: Read) -> None:
    with pytest.raises(BankFileError, match=r"depth|Excessive"):
        read(camt(with_reference("<a>" * 100_000)))


@pytest.mark.parametrize("cut", [0.3, 0.7, 0.99])
def test_file_that_was_cut_says_so_with_its_line(read: Read, cut: float) -> None:
    content = camt(*(statement(entry("1"), balances=EDGES, number=str(each)) for each in range(50)))
    with pytest.raises(BankFileError, match="cut or damaged") as caught:
        read(content[: int(len(content) * cut)])
    assert caught.value.line > 1


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04zip", b"hello", b"<html><body/></html>", b"\x00" * 100])
def test_file_of_another_kind_is_refused(read: Read, content: bytes) -> None:
    with pytest.raises(BankFileError):
        read(content)


def test_entry_outside_of_a_statement_is_refused(read: Read) -> None:
    with pytest.raises(BankFileError, match="within a statement"):
        read(b"<Document><BkToCstmrStmt><GrpHdr/><X>" + entry("1").encode() + b"</X></BkToCstmrStmt></Document>")


def test_line_of_mt940_without_end_is_refused(read: Read) -> None:
    with pytest.raises(BankFileError, match="lines of at most"):
        read(b":20:A\r\n:86:" + b"x" * 100_000)


ENDLESS = {
    "text": b"<AddtlNtryInf>" + b"x" * 4_000_000,
    "elements": b"<Junk>" + b"<a>1</a>" * 400_000,
    "details": b"<NtryDtls>" + b"<TxDtls><Amt Ccy='KZT'>1</Amt></TxDtls>" * 90_000,
    "attribute": b"<Junk a='" + b"y" * 4_000_000,
}


@pytest.mark.parametrize("kind", ENDLESS)
def test_endless_element_is_refused_within_bounded_memory(tmp_path: Path, kind: str) -> None:
    """Half a gigabyte in one element: the reader gives up in less than 400 MB of its own."""
    path = tmp_path / "endless.xml"
    whole = camt(statement("<Ntry><Amt Ccy='KZT'>1</Amt><CdtDbtInd>CRDT</CdtDbtInd>CUT", balances=EDGES))
    with path.open("wb") as file:
        file.write(whole.partition(b"CUT")[0])
        start, _, rest = ENDLESS[kind].partition(b">") if kind != "attribute" else (ENDLESS[kind], b"", b"")
        file.write(start + (b">" if kind != "attribute" else b""))
        for _ in range(20):
            file.write(rest or b"y" * 4_000_000)
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from tarazy.facility.banking.errors import BankFileError\n"
        "from tarazy.facility.banking.reading import read_bank_file\n"
        "try:\n    for part in read_bank_file(Path(sys.argv[1])): pass\n"
        "except BankFileError as error: print('refused')\n"
        "lines = Path('/proc/self/status').read_text().splitlines()\n"
        "print(next(line.split()[1] for line in lines if line.startswith('VmHWM')))\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", script, str(path)], capture_output=True, text=True, check=True, timeout=120
    )
    said, peak_kib = run.stdout.split()
    assert said == "refused"
    assert int(peak_kib) < 400_000
