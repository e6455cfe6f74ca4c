"""Secrets: the configuration says where one is, never what it is.

A secret is written `{ file = "PATH" }` or `{ env = "NAME" }`. It is read when it is needed, and nothing here prints it.
"""

from __future__ import annotations

import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tarazy.platform.config.errors import ConfigError, Problem

SECRET_BYTES_MAX = 1 << 16
ENVIRONMENT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
FORM = '{ file = "PATH" } or { env = "NAME" }'


@dataclass(frozen=True, slots=True)
class Secret:
    """Where a secret is: a file, or a variable of the environment. Exactly one of the two is given."""

    file: Path | None = None
    env: str = ""

    def __str__(self) -> str:
        return f"file {self.file}" if self.file is not None else f"environment {self.env}"

    def read(self) -> str:
        """Return the secret: the variable's value, or the first line of the file.

        Raises: ConfigError where there is none, or where everybody can read the file.
        """
        value = os.environ.get(self.env, "") if self.file is None else first_line(self.file)
        if not value:
            raise ConfigError(None, [Problem(str(self), "a secret", "none, or an empty one")])
        return value

    def problem(self) -> str:
        """Return what is wrong with it, or an empty text where it can be read."""
        try:
            self.read()
        except ConfigError as error:
            return str(error)
        return ""


def first_line(path: Path) -> str:
    """Return the first line of a plain file that not everybody can read.

    Raises: ConfigError.
    """

    def refuse(expected: str, found: str, action: str = "") -> ConfigError:
        return ConfigError(None, [Problem(f"file {path}", expected, found, action)])

    try:
        fd = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC | os.O_NOCTTY)
    except OSError as error:
        raise refuse("a file that can be read", error.strerror or str(error)) from None
    with os.fdopen(fd, "rb") as file:
        mode = os.fstat(fd).st_mode
        if not stat.S_ISREG(mode):
            raise refuse("a plain file", stat.filemode(mode))
        if mode & 0o007:
            action = "Others may have read it: change the secret, and the file's rights to 0600"
            raise refuse("a file that not everybody can read", f"mode {stat.S_IMODE(mode):04o}", action)
        line = file.readline(SECRET_BYTES_MAX + 1).rstrip(b"\r\n")
    if len(line) > SECRET_BYTES_MAX:
        raise refuse(f"a first line of at most {SECRET_BYTES_MAX} bytes", "a longer one")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise refuse("text in UTF-8", "other bytes") from None


def secret_from(value: Any, folder: Path) -> Secret:
    """Return the secret that a value of the file points to; a relative file starts at `folder`.

    Rejects: with ValueError a secret that stands in the file itself, whose text the error does not repeat.
    """
    if not isinstance(value, dict):
        action = "Take it out, and change it: whoever reads the file has it"
        raise ValueError(FORM, "the secret itself, which is not shown here", action)
    if set(value) == {"file"} and isinstance(value["file"], str) and value["file"] and "\0" not in value["file"]:
        return Secret(file=folder / value["file"])
    if set(value) == {"env"} and isinstance(value["env"], str) and ENVIRONMENT_NAME.fullmatch(value["env"]):
        return Secret(env=value["env"])
    raise ValueError(FORM, "another table, which is not shown here", "")
