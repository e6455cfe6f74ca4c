"""The patterns that lie beside a clone: small contracts, each one mechanism, with what is right of it.

They are no part of the repository. The folder is found at `../shared/data/tokens/patterns` beside the clone, or where
the variable TARAZY_PATTERNS says. Compiled with the pinned compilers; Vyper's where a program `vyper` is on the path.

    python -m tests.corpus.patterns            # the table, each pattern screened from its creation code
    python -m tests.corpus.patterns --runtime  # from what the constructor leaves, without its state
"""

from __future__ import annotations

import csv
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from tarazy.cli.screening.screen_source import Version, choose_compiler, installed
from tarazy.screening.model import Answer, HolderKind, Report
from tarazy.screening.request import ScreenRequest
from tarazy.screening.screen import screen
from tests.corpus.loader import DEPLOYER, deployed

ROOT = Path(__file__).resolve().parents[2]
PLACES = (os.environ.get("TARAZY_PATTERNS", ""), *(f"{up}/shared/data/tokens/patterns" for up in ROOT.parents))
BY_RUNTIME = frozenset({"q14_propose_init"})  # whose note says that the runtime code alone is read
LIBRARY = "5a" * 20  # where a library that a pattern links is said to be
LINK = re.compile(r"__\$[0-9a-f]{34}\$__")


@dataclass(frozen=True)
class Pattern:
    """One pattern: its code, and what a screening must and must not say."""

    name: str
    creation: bytes
    must_yes: frozenset[str]
    must_not_yes: frozenset[str]
    verdicts: frozenset[str]
    note: str

    @property
    def may_be_unknown(self) -> bool:
        """Return whether unknown will do where yes would be wrong: the note, or the verdicts, say so."""
        return "unknown" in self.note or "unknown" in self.verdicts

    def faults(self, report: Report) -> list[str]:
        """Return what is wrong with a report on this pattern, each in a few words."""
        found = report.capabilities
        wrong = [f"{name} is {found[name].answer}" for name in sorted(self.must_yes) if not said(report, name)]
        by_anyone = "mint_by_anyone"
        allowed = {Answer.NO, Answer.UNKNOWN} if self.may_be_unknown else {Answer.NO}
        denied = ((name, found[name].answer) for name in sorted(self.must_not_yes - {by_anyone}))
        wrong += [f"{name} is {answer}" for name, answer in denied if answer not in allowed]
        if by_anyone in self.must_not_yes and HolderKind.ANYONE in {h.kind for h in found["mint"].holders}:
            wrong.append("mint by anyone")
        word = report.verdict.word if report.verdict else "none"
        return wrong if word in self.verdicts else [*wrong, f"verdict {word}"]

    def screened(self, from_runtime: bool = False) -> Report:
        """Return the report on this pattern under the house's criteria."""
        if from_runtime or self.name in BY_RUNTIME:
            return screen(ScreenRequest(self.name, runtime=deployed(self.creation)))
        return screen(ScreenRequest(self.name, creation=self.creation))


def said(report: Report, name: str) -> bool:
    """Return whether a report says yes."""
    return report.capabilities[name].answer is Answer.YES


def folder() -> Path | None:
    """Return the folder of the patterns, or None where it is not here."""
    return next((Path(place) for place in PLACES if place and (Path(place) / "expected.csv").is_file()), None)


def names() -> list[str]:
    """Return the names of the patterns, none where they are not here."""
    at = folder()
    return [row["id"] for row in csv.DictReader((at / "expected.csv").read_text().splitlines())] if at else []


@cache
def patterns(tools: Path) -> tuple[Pattern, ...]:
    """Return the patterns that can be compiled here, in order of name; `tools` is where the npm tools are."""
    at = folder()
    if at is None:
        return ()
    rows = list(csv.DictReader((at / "expected.csv").read_text().splitlines()))
    codes = solidity_codes([source for row in rows if (source := at / f"{row['id']}.sol").is_file()], tools)
    codes |= {row["id"]: vyper_code(at / f"{row['id']}.vy") for row in rows if row["id"] not in codes}
    return tuple(pattern_of(row, code) for row in rows if (code := codes[row["id"]]) is not None)


def pattern_of(row: Mapping[str, str], creation: bytes) -> Pattern:
    """Return one line of the table as a pattern."""
    yes, no, verdicts = (frozenset(row[key].split()) for key in ("must_yes", "must_not_yes", "verdicts"))
    return Pattern(row["id"], creation, yes, no, verdicts, row["note"])


def solidity_codes(sources: list[Path], tools: Path) -> dict[str, bytes | None]:
    """Return the creation code of each source by name, compiled by one process.

    An address stands for an argument that a constructor takes.
    """
    node = shutil.which("node")
    assert node is not None
    command = [node, str(ROOT / "tools" / "node" / "compile.mjs"), str(tools)]
    jobs = [job_of(source.name, source.read_text(), installed(tools)) for source in sources]
    done = subprocess.run(command, input=json.dumps(jobs), capture_output=True, text=True, check=True)
    outputs = [result["output"] for result in json.loads(done.stdout)]
    return {
        source.stem: creation_of(output["contracts"][source.name]["T"])
        for source, output in zip(sources, outputs, strict=True)
    }


def job_of(name: str, text: str, compilers: list[Version]) -> dict[str, Any]:
    """Return one source as the compiler takes it."""
    outputs = {"*": {"*": ["abi", "evm.bytecode.object"]}}  # 0.4 makes none for a name
    optimizer = {"enabled": not os.environ.get("UNOPTIMISED"), "runs": 200}
    settings: dict[str, Any] = {"optimizer": optimizer, "outputSelection": outputs}
    if os.environ.get("VIA_IR"):  # compilers before 0.7.5 refuse the word
        settings["viaIR"] = True
    standard = {"language": "Solidity", "sources": {name: {"content": text}}, "settings": settings}
    return {"compiler": choose_compiler(text, compilers), "input": standard}


def creation_of(made: dict[str, Any]) -> bytes:
    """Return the creation code of a compiled contract with its argument behind it."""
    wants = [item for item in made["abi"] if item["type"] == "constructor" and item["inputs"]]
    argument = bytes(12) + bytes.fromhex(DEPLOYER[2:])
    return bytes.fromhex(LINK.sub(LIBRARY, made["evm"]["bytecode"]["object"])) + (argument if wants else b"")


def vyper_code(source: Path) -> bytes | None:
    """Return the creation code of a Vyper source, or None where no compiler is on the path."""
    vyper = os.environ.get("VYPER") or shutil.which("vyper")
    if vyper is None:
        return None
    done = subprocess.run([vyper, "-f", "bytecode", str(source)], capture_output=True, text=True, check=True)
    return bytes.fromhex(done.stdout.strip().removeprefix("0x"))


def main() -> None:
    """Print the table."""
    sys.path.insert(0, str(ROOT / "scripts"))
    node_tools = importlib.import_module("node_tools").node_tools  # a script, not a package
    at, wanted = folder(), [word for word in sys.argv[1:] if not word.startswith("-")]
    if at is None:
        sys.exit("expected the patterns at ../shared/data/tokens/patterns, found none: set TARAZY_PATTERNS")
    right = all_of_them = 0
    for pattern in patterns(node_tools()):
        if wanted and not any(pattern.name.startswith(word) for word in wanted):
            continue
        report = pattern.screened("--runtime" in sys.argv)
        faults = pattern.faults(report)
        all_of_them += 1
        right += not faults
        word = report.verdict.word if report.verdict else "none"
        print(f"{pattern.name:28} {word:10} {report.seconds:5.2f} s  {'; '.join(faults) or 'right'}", flush=True)
        if "--why" in sys.argv:
            explain(report)
    print(json.dumps({"right": right, "of": all_of_them}))


def explain(report: Report) -> None:
    """Print what a report says yes to or does not know, and what its verdict rests on."""
    for name, found in report.capabilities.items():
        if found.answer is not Answer.NO:
            holders = ", ".join(f"{h.kind} {h.where} {h.address or ''}" for h in found.holders)
            print(f"    {name:20} {found.answer:8} {found.reason[:150]} | {holders} | {found.bound or ''}")
    for finding in report.verdict.findings if report.verdict else ():
        if finding.outcome in ("fail", "unknown"):
            print(f"      {finding.outcome:8} {finding.severity:9} {finding.criterion}: {finding.text[:170]}")


if __name__ == "__main__":
    main()
