"""Reading recorded files line by line, with the line's number. Memory: one line, which has a longest length."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from tarazy.market_data.errors import FlowFileError, shown
from tarazy.market_data.packed import PACKING_ERRORS, check_regular, open_text

LINE_BYTES_MAX = 1 << 22


class LineReader:
    """Stream the lines of a file, plain or packed, without their line ends (LF, or CRLF as RFC 4180 has it)."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.line = 0
        self.bytes_total = check_regular(path)

    def __iter__(self) -> Iterator[str]:
        """Yield every line.

        Raises: FlowFileError where the file is cut short, damaged, not text, or has a line without end.
        """
        try:
            with open(self.path, "rb") as raw, open_text(self.path, raw) as lines:
                while found := lines.readline(LINE_BYTES_MAX + 1):
                    self.line += 1
                    yield self.text_of(found)
        except PACKING_ERRORS as error:
            raise self.damaged("a whole compressed file", str(error) or type(error).__name__) from error
        except MemoryError as error:
            raise self.damaged("a compressed file that fits in memory", "a dictionary that does not") from error
        except OSError as error:
            if error.filename is not None:
                raise
            if error.errno is None:
                raise self.damaged("a whole compressed file", str(error)) from error
            raise self.damaged("a readable file", error.strerror or str(error)) from error

    def text_of(self, found: bytes) -> str:
        """Return the text of a line."""
        if len(found) > LINE_BYTES_MAX:
            expected = f"a line of at most {LINE_BYTES_MAX:,} bytes"
            raise FlowFileError(self.path, self.line, expected, "a longer one", "is it the right file?")
        found = found[:-2] if found.endswith(b"\r\n") else found[:-1] if found.endswith(b"\n") else found
        try:
            text = found.decode()
        except UnicodeDecodeError as error:
            expected, column = "text in UTF-8", f"{error.start + 1} (byte)"
            byte = f"byte 0x{error.object[error.start]:02x}"
            raise FlowFileError(self.path, self.line, expected, byte, "fetch the file again", column) from None
        if "\r" in text or "\0" in text:
            place = next(i for i, c in enumerate(text) if c in "\r\0")
            column, expected = f"{place + 1} (character)", "lines that end with LF or CRLF, and no zero bytes"
            raise FlowFileError(self.path, self.line, expected, shown(text[place : place + 10]), column=column)
        return text

    def damaged(self, expected: str, found: str) -> FlowFileError:
        """Return the error of a file that cannot be read beyond this line."""
        return FlowFileError(self.path, self.line + 1, expected, found, "fetch the file again")
