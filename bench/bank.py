"""bank: a camt.053 of many entries read and checked, side by side with a bare `lxml.iterparse` over the same file.

The file is written here, one transaction with a payer and a reference in each entry. Both run in this process, in turn,
so that what else the machine does weighs on both; the medians count. Memory is that of a fresh process that only reads.
`bare` is the loop that a reader cannot be without: every element's end is seen, and the element is cleared.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import common
from lxml import etree

from tarazy.facility.banking.reading import read_bank_file
from tarazy.facility.banking.statements import BankEntry, StatementEnd

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Document xmlns="urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"><BkToCstmrStmt><GrpHdr><MsgId>M1</MsgId>
<CreDtTm>2026-11-30T01:00:00+05:00</CreDtTm></GrpHdr><Stmt><Id>S1</Id><ElctrncSeqNb>7</ElctrncSeqNb>
<CreDtTm>2026-11-30T01:00:00+05:00</CreDtTm><Acct><Id><IBAN>KZ86125KZT5004100100</IBAN></Id><Ccy>KZT</Ccy></Acct>
"""
BALANCE = (
    '<Bal><Tp><CdOrPrtry><Cd>{0}</Cd></CdOrPrtry></Tp><Amt Ccy="KZT">{1}.00</Amt><CdtDbtInd>CRDT</CdtDbtInd>'
    "<Dt><Dt>2026-11-29</Dt></Dt></Bal>\n"
)
ENTRY = (
    '<Ntry><NtryRef>{0}</NtryRef><Amt Ccy="KZT">10.00</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts>'
    "<BookgDt><Dt>2026-11-29</Dt></BookgDt><ValDt><Dt>2026-11-29</Dt></ValDt><AcctSvcrRef>B{0:08d}</AcctSvcrRef>"
    "<NtryDtls><TxDtls><Refs><EndToEndId>E{0}</EndToEndId></Refs><RltdPties><Dbtr><Pty><Nm>Payer {0}</Nm></Pty></Dbtr>"
    "<DbtrAcct><Id><IBAN>KZ221251234567890123</IBAN></Id></DbtrAcct></RltdPties>"
    "<RmtInf><Ustrd>client 1234567</Ustrd></RmtInf></TxDtls></NtryDtls></Ntry>\n"
)
PEAK = """
import sys
from pathlib import Path
from tarazy.facility.banking.reading import read_bank_file
for part in read_bank_file(Path(sys.argv[1])):
    pass
status = Path("/proc/self/status").read_text()
print(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM")))
"""


def write_statement(path: Path, count: int) -> None:
    """Write a statement that ties."""
    with path.open("w") as file:
        file.write(HEAD + BALANCE.format("OPBD", 0) + BALANCE.format("CLBD", count * 10))
        file.writelines(ENTRY.format(number) for number in range(count))
        file.write("</Stmt></BkToCstmrStmt></Document>\n")


def bare(path: Path) -> int:
    """Count entries with the library's own loop."""
    found = 0
    for _, element in etree.iterparse(str(path)):
        found += element.tag.endswith("}Ntry")
        element.clear()
    return found


def uncleared(path: Path) -> int:
    """The same without clearing: faster, and memory grows with the file."""
    return sum(element.tag.endswith("}Ntry") for _, element in etree.iterparse(str(path)))


def ours(path: Path) -> int:
    """Read and check the file."""
    found = 0
    for part in read_bank_file(path):
        found += isinstance(part, BankEntry)
        if isinstance(part, StatementEnd) and not part.is_balanced:
            raise SystemExit(f"expected a statement that ties, found {part.faults}")
    return found


def seconds(act: Callable[[Path], int], path: Path, count: int) -> float:
    """Return how long an act takes."""
    start = time.perf_counter()
    if act(path) != count:
        raise SystemExit(f"expected {count} entries, found another number")
    return time.perf_counter() - start


def main() -> None:
    """Run the bench."""
    made = common.parser(__doc__ or "")
    made.add_argument("--entries", type=int, default=100_000, help="entries of the statement (default 100000)")
    chosen = made.parse_args()
    acts = {"ours": ours, "bare": bare, "uncleared": uncleared}
    times: dict[str, list[float]] = {name: [] for name in acts}
    with common.scratch() as folder:
        path = folder / "camt053.xml"
        write_statement(path, chosen.entries)
        for run in range(chosen.runs):
            for name, act in acts.items():
                times[name].append(seconds(act, path, chosen.entries))
            common.say(f"run {run + 1}: " + ", ".join(f"{name} {each[-1]:.2f} s" for name, each in times.items()))
        command = [sys.executable, "-c", PEAK, str(path)]
        peak_kib = int(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
        size = path.stat().st_size
    middle = {name: common.median(each) for name, each in times.items()}
    facts = {
        "entries": chosen.entries,
        "bytes": size,
        "seconds": {name: round(each, 3) for name, each in middle.items()},
        "speed_of_bare": round(middle["bare"] / middle["ours"], 2),
        "speed_of_uncleared": round(middle["uncleared"] / middle["ours"], 2),
        "peak_rss_mib": round(peak_kib / 1024, 1),
    }
    common.finish(chosen, "bank", round(chosen.entries / middle["ours"]), "entries/s", **facts)


if __name__ == "__main__":
    main()
