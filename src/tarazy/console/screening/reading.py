"""What people paste and send, read into what can be screened; a refusal says what was expected and what was found."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from tarazy.chains.evm.code import CodeError, keccak256, parse_code
from tarazy.console.layout.forms import Upload
from tarazy.console.screening.services import Chain, Input, RefusedLine
from tarazy.platform.sanitising import cut, sanitised

ADDRESS = re.compile(r"0[xX][0-9a-fA-F]{40}")
LABEL_CHARACTERS_MAX = 120
ROWS_MAX = 10_000
LIST_ENDINGS = (".csv", ".list", ".lst", ".tsv")
# Creation code is longer than what it leaves behind and begins by making room in memory, as runtime code may do too;
# only the person who has it can tell them apart, so the form asks.
CODE_KINDS = ("runtime", "creation")


class ReadingError(ValueError):
    """What was given cannot be screened; `field` is the field of the form that is wrong."""

    def __init__(self, field: str, text: str) -> None:
        super().__init__(text)
        self.field = field


def read_address(text: str) -> str:
    """Return an address in lower case.

    Raises: ReadingError; mixed case must have the checksum of EIP-55, which catches mistyped digits.
    """
    given = text.strip()
    if not given:
        raise ReadingError("address", "expected an address, found nothing: paste 0x and 40 hex digits")
    if not ADDRESS.fullmatch(given):
        digits = given[2:] if given[:2].lower() == "0x" else given
        if re.fullmatch(r"[0-9a-fA-F]+", digits):
            what = f"{len(digits)} hex digits" + ("" if given[:2].lower() == "0x" else " without 0x")
            what += ": if this is code, choose bytecode" if len(digits) > 64 else ": copy it again from the explorer"
        else:
            what = f"{sanitised(cut(given, 60))!r}: copy it again from the explorer"
        raise ReadingError("address", f"expected 0x and 40 hex digits, found {what}")
    digits = given[2:]
    if digits not in (digits.lower(), digits.upper()) and digits != checksummed(digits.lower()):
        text = "expected an address whose capitals are its checksum, found another mixture: a digit is mistyped"
        raise ReadingError("address", f"{text}; copy it again, or write it in lower case if you are sure")
    return "0x" + digits.lower()


def checksummed(digits: str) -> str:
    """Return 40 lower-case hex digits with the capitals of EIP-55."""
    nibbles = keccak256(digits.encode()).hex()
    return "".join(c.upper() if int(n, 16) > 7 else c for c, n in zip(digits, nibbles, strict=False))


def read_code(text: str | bytes, field: str = "code") -> bytes:
    """Return code given as hex or raw bytes.

    Raises: ReadingError where it is none, or empty.
    """
    try:
        code = parse_code(text)
    except CodeError as error:
        raise ReadingError(field, str(error)) from None
    if not code:
        raise ReadingError(field, "expected code, found nothing: paste hex digits or choose a file")
    return code


def read_chain(text: str, chains: Sequence[Chain], needs_node: bool = True) -> Chain:
    """Return the chain of an id.

    Raises: ReadingError where it is not offered, or has no node though one is needed.
    """
    known = {str(chain.chain_id): chain for chain in chains}
    listed = ", ".join(f"{chain.chain_id} ({chain.name})" for chain in chains if chain.has_node) or "none"
    chain = known.get(text.strip())
    if chain is None:
        raise ReadingError("chain", f"expected a chain that has a node here ({listed}), found {cut(text, 20)!r}")
    if needs_node and not chain.has_node:
        raise ReadingError(
            "chain", f"expected a chain that has a node here ({listed}), found {chain.name}: paste its bytecode instead"
        )
    return chain


def read_upload(upload: Upload, kind: str) -> Input:
    """Return a file of code as what can be screened.

    Raises: ReadingError where it is no code.
    """
    label = cut(upload.name or "file", LABEL_CHARACTERS_MAX)
    return Input(kind, label, code=read_code(upload.content, "file"))


def read_lines(text: str, chains: Sequence[Chain], default: str) -> Iterator[Input | RefusedLine]:
    """Yield what each line of a list gives: an address, a chain and an address, or code."""
    for raw in text.splitlines():
        entry = raw.strip().strip('"')
        if entry and not entry.startswith("#"):
            yield read_line(entry, chains, default)


def read_line(entry: str, chains: Sequence[Chain], default: str) -> Input | RefusedLine:
    """Return what one line gives, or why it gives nothing."""
    cells = [cell.strip().strip('"') for cell in re.split(r"[,;\t]", entry)]
    named = next((number for number, cell in enumerate(cells) if ADDRESS.fullmatch(cell)), None)
    try:
        if named is None and len(cells) == 1 and len(entry) > 64:
            code = read_code(entry)
            return Input("runtime", f"code of {len(code):,} bytes", code=code)
        chain_text = next((cell for cell in cells[: named or 0] if cell.isdigit()), default)
        address = read_address(cells[named or 0])
        chain = read_chain(chain_text, chains)
        return Input("address", address, chain.chain_id, address)
    except ReadingError as error:
        return RefusedLine(cut(entry, LABEL_CHARACTERS_MAX), str(error))


def read_files(
    uploads: Sequence[Upload], kind: str, chains: Sequence[Chain], default: str
) -> Iterator[Input | RefusedLine]:
    """Yield what each file gives: a list where its name says so, code otherwise."""
    for upload in uploads:
        if upload.name.lower().endswith(LIST_ENDINGS) or looks_like_list(upload.content):
            yield from read_lines(upload.content.decode("utf-8", "replace"), chains, default)
            continue
        try:
            yield read_upload(upload, kind)
        except ReadingError as error:
            yield RefusedLine(cut(upload.name or "file", LABEL_CHARACTERS_MAX), str(error))


def looks_like_list(content: bytes) -> bool:
    """Say whether the first line of a file is an address, alone or after its chain, rather than code."""
    head = content[:200].split(b"\n", 1)[0].strip()
    return re.fullmatch(rb"(\d+\s*[,;\t]\s*)?\"?0[xX][0-9a-fA-F]{40}\"?\s*([,;\t].*)?", head) is not None
