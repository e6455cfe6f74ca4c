"""Whose code is it? Runtime code compared with a library of known codes, by what its instructions are.

Layout of a sketch: the body (without the compiler's metadata) as a row of opcodes, with every PUSH alike and operands
dropped, cut into pieces of SHINGLE opcodes; each piece mixed to 64 bits; the SKETCH_SIZE smallest, sorted. Two sketches
give the share of pieces that two codes have in common (Jaccard), to within about 6 points.
Known limits: another compiler or optimiser writes another code for the same source; a likeness proves no behaviour,
since one changed instruction can be the trap. So a likeness is shown and never excuses.
Where `near` begins was measured: pairs of our corpus that differ in a line have 90 % in common and more; of 27,000
pairs of different real tokens 99 % have less than 63 %.
Cost: about 1 ms for a token and 30 microseconds for each entry of the library.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tarazy.chains.evm.code import Code, CodeError, parse_code
from tarazy.chains.evm.own_contracts import ARTIFACTS
from tarazy.domain.arithmetic import PPM, div_floor
from tarazy.screening.model import Answer, Capability, Evidence

NAME = "known_code"
SHINGLE = 6  # opcodes; six bytes fit a word without loss
SKETCH_SIZE = 256
NEAR_PPM = 800_000
OPCODES_MIN = 40  # shorter code is a stub or a forwarder, of which everybody's are alike
PUSH = b"\x60"
PUSHES = re.compile(b"|".join(rb"\x%02x.{0,%d}" % (0x5F + size, size) for size in range(33)), re.DOTALL)

Words = npt.NDArray[np.uint64]


class LibraryError(Exception):
    """Say that a library of known codes cannot be read: where, what was expected, what was found."""

    def __init__(self, path: Path, expected: str, found: str) -> None:
        self.path, self.expected, self.found = path, expected, found
        super().__init__(path, expected, found)

    def __str__(self) -> str:
        return f"{self.path}: expected {self.expected}, found {self.found}"


@dataclass(frozen=True, slots=True, eq=False)
class Sketch:
    """What of a code is compared."""

    body_hash: str
    opcodes_hash: str  # of the row of opcodes: the same source with other constants has the same
    opcode_count: int
    pieces: Words


@dataclass(frozen=True, slots=True)
class KnownSketch:
    """One code of the library."""

    name: str
    sketch: Sketch


@dataclass(frozen=True, slots=True)
class Resemblance:
    """What a code resembles most. `kind`: exact, constants (all the same but operands), near or none."""

    kind: str
    name: str
    likeness_ppm: int


def sketch(runtime: bytes) -> Sketch:
    """Return the sketch of runtime code."""
    code = Code(runtime)
    row = opcode_row(code.body)
    return Sketch(code.body_hash, hashlib.sha256(row).hexdigest(), len(row), smallest_pieces(row))


def opcode_row(body: bytes) -> bytes:
    """Return the opcodes in order, every PUSH as one and without its operand."""
    return PUSHES.sub(PUSH, body)


def smallest_pieces(row: bytes) -> Words:
    """Return the smallest mixed pieces of a row, sorted, each once."""
    if len(row) < SHINGLE:
        return np.empty(0, np.uint64)
    opcodes = np.frombuffer(row, np.uint8).astype(np.uint64)
    count = len(row) - SHINGLE + 1
    pieces = np.zeros(count, np.uint64)
    for place in range(SHINGLE):
        pieces = (pieces << np.uint64(8)) | opcodes[place : place + count]
    return np.unique(mix(pieces))[:SKETCH_SIZE]


def mix(words: Words) -> Words:
    """Return words spread over all 64 bits, one to one, so that the smallest are a fair sample.

    Source: the finaliser of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014)
    """
    words = words + np.uint64(0x9E3779B97F4A7C15)
    words = (words ^ (words >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    words = (words ^ (words >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return words ^ (words >> np.uint64(31))


def likeness_ppm(left: Sketch, right: Sketch) -> int:
    """Return the share of pieces in common, estimated from the smallest of both together.

    Units: parts per million.
    """
    merged = np.sort(np.concatenate((left.pieces, right.pieces)))
    if not len(merged):
        return 0
    again = merged[1:] == merged[:-1]  # a piece of both stands twice
    distinct = 1 + np.cumsum(~again)
    union = min(SKETCH_SIZE, int(distinct[-1]) if len(distinct) else 1)
    return div_floor(int(again[distinct <= SKETCH_SIZE].sum()) * PPM, union)


def resemble(given: Sketch, library: Iterable[KnownSketch]) -> Resemblance:
    """Return what a code resembles most; the first of a library where several are alike."""
    best = Resemblance("none", "", 0)
    for known in library:
        if known.sketch.body_hash == given.body_hash:
            return Resemblance("exact", known.name, PPM)
        if known.sketch.opcodes_hash == given.opcodes_hash:
            found = Resemblance("constants", known.name, PPM)
        else:
            ppm = likeness_ppm(given, known.sketch)
            found = Resemblance("near" if ppm >= NEAR_PPM else "none", known.name, ppm)
        if (found.likeness_ppm, found.kind == "constants") > (best.likeness_ppm, best.kind == "constants"):
            best = found
    return best


def answer_known_code(runtime: bytes, library: tuple[KnownSketch, ...] | None = None) -> Capability:
    """Answer the capability for runtime code."""
    library = built_in() if library is None else library
    given = sketch(runtime)
    if not library:
        return Capability(NAME, Answer.UNKNOWN, "the library of known codes is empty")
    found = resemble(given, library)
    if found.kind == "exact":
        return say_yes(found, f"it is {found.name}, but for the compiler's metadata")
    if given.opcode_count < OPCODES_MIN:
        return Capability(NAME, Answer.UNKNOWN, f"{given.opcode_count} instructions are too few to compare")
    if found.kind == "constants":
        return say_yes(found, f"it is {found.name} with other constants")
    percent = div_floor(found.likeness_ppm, 10_000)
    if found.kind == "near":
        return say_yes(found, f"it is near {found.name}: {percent} % of its pieces are the same")
    nearest = f"; nearest is {found.name} with {percent} %" if found.name else ""
    return Capability(NAME, Answer.NO, f"it resembles none of {len(library)} known codes{nearest}")


def say_yes(found: Resemblance, reason: str) -> Capability:
    """Return a yes with its evidence."""
    detail = f"{found.kind} match with {found.name}, likeness {found.likeness_ppm} ppm"
    return Capability(NAME, Answer.YES, reason, evidence=(Evidence("table", detail),))


@cache
def built_in() -> tuple[KnownSketch, ...]:
    """Return the library that comes with the software: our own safe tokens and time lock."""
    return load_library(ARTIFACTS)


def load_library(folder: Path) -> tuple[KnownSketch, ...]:
    """Read a library: every `NAME.hex` with runtime code, and every artifact of `scripts/compile_contracts.py`.

    Raises: LibraryError, naming the file.
    """
    if not folder.is_dir():
        raise LibraryError(folder, "a folder of known codes", "no such folder")
    found = []
    for path in sorted(folder.rglob("*")):
        if path.suffix == ".hex":
            found.append(KnownSketch(path.stem, sketch(read_hex(path, path.read_bytes()))))
        elif path.suffix == ".json":
            found += read_artifact(path)
    return tuple(found)


def read_artifact(path: Path) -> list[KnownSketch]:
    """Return the codes of one compiled source."""
    try:
        contracts = json.loads(path.read_text(encoding="utf-8"))["contracts"]
        codes = [(name, parts["runtime"]) for name, parts in contracts.items()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise LibraryError(path, "an artifact with contracts and their runtime code", repr(error)) from error
    return [KnownSketch(name, sketch(read_hex(path, runtime))) for name, runtime in codes]


def read_hex(path: Path, given: bytes | str) -> bytes:
    """Return code given as hex."""
    try:
        return parse_code(given)
    except CodeError as error:
        raise LibraryError(path, "runtime code as hex", str(error)) from error
