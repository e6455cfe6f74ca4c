"""What `tarazy screen` is given, as requests: files of code, folders of them, an address on a node.

A file that cannot be read as code is no error of the run: it becomes a report in which all is unknown, with the reason.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tarazy.chains.evm.code import CODE_BYTES_MAX, CodeError, parse_code
from tarazy.chains.evm.tables import load_ownership
from tarazy.cli.errors import CliError
from tarazy.cli.screening.screen_source import compile_source
from tarazy.screening.request import ScreenRequest

HEX = re.compile(rb"(0[xX])?[0-9a-fA-F]*")
FILE_BYTES_MAX = 4 * CODE_BYTES_MAX  # hex, line breaks, and room to say that it is too much


@dataclass(frozen=True, slots=True)
class Unreadable:
    """An input that is no request, and why."""

    request: ScreenRequest
    reason: str


Input = ScreenRequest | Unreadable


def requests_of(arguments: argparse.Namespace) -> Iterator[Input]:
    """Yield what the arguments ask to screen, in order, reading one file at a time."""
    if arguments.bytecode_dir is not None:
        for path in files_of(arguments.bytecode_dir):
            yield file_request(arguments, path, "runtime")
    else:
        yield one_request(arguments)


def count_of(arguments: argparse.Namespace) -> int:
    """Return how many inputs there are."""
    return len(files_of(arguments.bytecode_dir)) if arguments.bytecode_dir is not None else 1


def files_of(folder: Path) -> list[Path]:
    """Return the files of a folder by name; folders in it and hidden files are passed over.

    Raises: CliError.
    """
    if not folder.is_dir():
        raise CliError(
            f"expected a folder of bytecode files, found {describe_path(folder)}; give --bytecode for one file"
        )
    return sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith("."))


def describe_path(path: Path) -> str:
    """Return what is at a path, in words."""
    if not path.exists():
        return f"nothing at {path}"
    return f"the folder {path}" if path.is_dir() else f"{path}, which is no folder"


def request_for(arguments: argparse.Namespace, name: str, **given: Any) -> ScreenRequest:
    """Return a request for what was given, with everything else that the arguments say."""
    return ScreenRequest(
        id=name,
        chain_id=arguments.chain_id,
        simulate=not arguments.no_simulation,
        hostile=not arguments.no_simulation,
        criteria=arguments.criteria,
        time_limit_s=arguments.time_limit,
        tables={"ownership": load_ownership(arguments.table)} if arguments.table is not None else {},
        **given,
    )


def one_request(arguments: argparse.Namespace) -> Input:
    """Return the request for a single contract.

    Raises: CliError where a file that was named does not exist.
    """
    if arguments.rpc is not None:
        where = {"rpc_url": arguments.rpc, "address": arguments.address, "block": arguments.block}
        return request_for(arguments, arguments.address, **where)
    path = arguments.bytecode or arguments.creation or arguments.source
    if not path.is_file():
        raise CliError(f"expected a file, found {describe_path(path)}; give --bytecode-dir for a folder")
    if arguments.source is not None:
        compiled = compile_source(path, arguments.contract, arguments.arguments)
        return request_for(arguments, path.stem, is_open_source=True, **compiled)
    return file_request(arguments, path, "runtime" if arguments.bytecode else "creation")


def file_request(arguments: argparse.Namespace, path: Path, kind: str) -> Input:
    """Return the request for the code in a file, or why there is none."""
    code = read_code(path)
    if isinstance(code, str):
        return Unreadable(request_for(arguments, path.stem, runtime=b""), code)
    return request_for(arguments, path.stem, **{kind: code})


def read_code(path: Path) -> bytes | str:
    """Return the code of a file, or the reason why there is none."""
    try:
        size = path.stat().st_size
        if size > FILE_BYTES_MAX:
            return f"{path.name}: expected at most {FILE_BYTES_MAX:,} bytes of hex or code, found {size:,}"
        data = path.read_bytes()
        if is_other_text(data):
            return f"{path.name}: expected hex digits or raw bytes of code, found other text"
        return parse_code(data)
    except CodeError as error:
        return f"{path.name}: {error}"
    except OSError as error:
        return f"{path.name}: {error.strerror or error}"


def is_other_text(data: bytes) -> bool:
    """Return whether a file is text that is no hex: code consists of more than letters, digits and signs."""
    text = b"".join(data.split())
    return text.isascii() and text.decode("ascii").isprintable() and not HEX.fullmatch(text) and text[:2] != b"0x"
