"""`tarazy new KIND NAME`: the skeleton of an extension and of its test, and what to do next.

Kinds: `check`, one capability of the screening. The skeleton does not load until its documentation is written: the
error names the field that is missing.
"""

from __future__ import annotations

import argparse
import re
from pathlib import Path

from tarazy.cli.arguments import add_json
from tarazy.cli.errors import CliError
from tarazy.cli.output import Output

ROOT = Path(__file__).resolve().parents[4]
TEMPLATES = Path(__file__).resolve().parents[2] / "screening" / "template"
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
NAME_LETTERS_MAX = 40
RESERVED = {"base"}
LIST = re.compile(r"^CAPABILITY_NAMES = \(\n(?P<names>(?:    \"\w+\",\n)+)\)$", re.MULTILINE)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the verb's arguments."""
    parser.add_argument("kind", choices=("check",), metavar="KIND", help="check: one capability of the screening")
    parser.add_argument("name", metavar="NAME", help="words in lower case joined by underscores: fee_change")
    parser.add_argument("--root", type=Path, default=ROOT, metavar="DIR", help="the clone to write to (this one)")
    add_json(parser)


def run(arguments: argparse.Namespace, output: Output) -> int:
    """Write the files and say what comes next."""
    name, root = check_name(arguments.name), arguments.root
    check = root / "src" / "tarazy" / "screening" / "checks" / f"{name}.py"
    test = root / "tests" / "unit" / "screening" / "checks" / f"test_{name}.py"
    for path in (check, test):
        if path.exists():
            raise CliError(f"expected a new name, found {path} already there; choose another name or edit that file")
        if not path.parent.is_dir():
            raise CliError(f"expected the folder {path.parent}, found none; run from a clone, or give --root")
    added = add_name(check.parent / "base.py", name)
    for path, template in ((check, "check.txt"), (test, "test.txt")):
        text = (TEMPLATES / template).read_text()
        for mark, word in (("NAME", name), ("CLASS", class_name(name))):
            text = text.replace(mark, word)
        path.write_text(text)
    steps = next_steps(name)
    written = [str(path.relative_to(root)) for path in (check, test)]
    output.say(f"wrote {' and '.join(written)}{'; the name is now in CAPABILITY_NAMES' if added else ''}")
    for number, step in enumerate(steps, 1):
        output.say(f"  {number}. {step}")
    output.result({"kind": arguments.kind, "name": name, "written": written, "name_added": added, "next": steps})
    return 0


def check_name(name: str) -> str:
    """Return a name that can be a module.

    Raises: CliError.
    """
    if not NAME.fullmatch(name) or len(name) > NAME_LETTERS_MAX or name in RESERVED:
        raise CliError(
            f"expected a name of lower-case words joined by underscores, such as fee_change, of at most"
            f" {NAME_LETTERS_MAX} letters; found {name!r}"
        )
    return name


def class_name(name: str) -> str:
    """Return `FeeChange` of `fee_change`."""
    return "".join(word.capitalize() for word in name.split("_"))


def add_name(base: Path, name: str) -> bool:
    """Add a capability's name to the list; return whether it was not there.

    Raises: CliError where the list is not found.
    """
    text = base.read_text()
    found = LIST.search(text)
    if found is None:
        raise CliError(f"expected the list CAPABILITY_NAMES in {base}, one name a line, found none")
    if f'"{name}"' in found["names"]:
        return False
    end = found.end("names")
    base.write_text(f'{text[:end]}    "{name}",\n{text[end:]}')
    return True


def next_steps(name: str) -> list[str]:
    """Return what is to be done after the skeleton."""
    return [
        f"write the documentation in src/tarazy/screening/checks/{name}.py: until then no check loads, and the error"
        " names the field that is missing",
        "make the token that it must find and its benign counterpart, one line apart, in tests/corpus/tokens, and"
        " name them in `fires` and `must_not_fire`",
        "write `run`: yes with holder, bound and evidence; no; or unknown with the reason",
        f".venv/bin/python -m pytest tests/unit/screening/checks/test_{name}.py",
        "make generate",
        f"tarazy bench screening --part tuning --disagreements --flag {name}",
    ]
