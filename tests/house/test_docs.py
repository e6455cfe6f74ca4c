"""The pages hold: every relative link leads somewhere, every command that they show exists."""

from __future__ import annotations

import argparse
import importlib
import importlib.util
import re
from pathlib import Path

import pytest

from tarazy.cli.main import VERBS

from .repository import ROOT, SOURCE, name, text_files

PAGES = text_files(".md")
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
PAGE_IN_SOURCE = re.compile(r"\b((?:docs|schemas|tests|bench|core/src|src/tarazy)/[\w./-]*\w\.(?:md|py|toml|sh|rs))\b")
COMMAND = re.compile(r"^\$? ?(?:\.venv/bin/)?(make|tarazy) +([\w-]+)", re.MULTILINE)


def anchors(page: Path) -> set[str]:
    """Return the anchors of a page's headings."""
    heads = re.findall(r"^#+ +(.*)$", page.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_link_leads_somewhere(page: Path) -> None:
    broken = []
    for link in LINK.findall(page.read_text()):
        if "://" in link or link.startswith("mailto:"):
            continue
        target, _, anchor = link.partition("#")
        path = (page.parent / target).resolve() if target else page
        if not path.exists() or (anchor and path.suffix == ".md" and anchor not in anchors(path)):
            broken.append(link)
    assert not broken, f"{name(page)}: {broken}"


def test_every_file_that_text_names_exists() -> None:
    missing = [
        f"{name(path)}: {named}"
        for path in text_files(".md", ".py", ".toml", ".rs", ".sh")
        for named in PAGE_IN_SOURCE.findall(path.read_text())
        if not (ROOT / named).exists()
    ]
    assert not missing, "\n".join(missing)


def test_page_of_where_things_live_names_only_what_exists() -> None:
    """Besides whole files, which the test above finds anywhere, it names folders under src/tarazy."""
    page = (ROOT / "docs" / "concepts" / "where-things-live.md").read_text()
    rows = [line.split("|")[2:4] for line in page.splitlines() if line.startswith("| ")][1:]
    folders = [each for place, _ in rows for each in re.findall(r"`([a-z_/]+/|[a-z_]+/[a-z_/]+\.py)`", place)]
    examples = [each for _, example in rows for each in re.findall(r"`((?:src|tests)/[^`]+)`", example)]
    paths = [ROOT / each if each.startswith("tests/") else SOURCE / each for each in folders if each != "pages/"]
    paths += [ROOT / each for each in examples]
    assert len(examples) >= len(rows) - 1, "expected an example for each row"
    assert not [name(path) for path in paths if not path.exists()]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_every_command_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    known = {"make": targets, "tarazy": set(VERBS) | {"--help", "--version"}}
    blocks = "\n".join(re.findall(r"^```(?:\w*)\n(.*?)^```", page.read_text(), re.MULTILINE | re.DOTALL))
    unknown = [f"{tool} {word}" for tool, word in COMMAND.findall(blocks) if word not in known[tool]]
    assert not unknown, f"{name(page)}: {unknown}"


def test_every_page_is_reached_from_the_index() -> None:
    index = ROOT / "docs" / "README.md"
    reached: set[Path] = set()
    queue = [index]
    while queue:
        page = queue.pop()
        if page in reached or page.suffix != ".md" or not page.exists():
            continue
        reached.add(page)
        queue += [
            (page.parent / link.partition("#")[0]).resolve()
            for link in LINK.findall(page.read_text())
            if "://" not in link
        ]
    lost = [name(p) for p in PAGES if p.is_relative_to(ROOT / "docs") and p not in reached]
    assert not lost, f"link them from docs/README.md: {lost}"


@pytest.mark.parametrize("verb", VERBS)
def test_reference_page_shows_every_argument_of_a_verb(verb: str) -> None:
    page = (ROOT / "docs" / "reference" / "command-line.md").read_text()
    section = page.partition(f"\n## {verb}\n")[2].partition("\n## ")[0]
    assert section, f"add a section `## {verb}`"
    parser = argparse.ArgumentParser()
    importlib.import_module(f"tarazy.cli.{VERBS[verb].module}").add_arguments(parser)
    missing = [option for option in options(parser) if option not in section]
    assert not missing, f"{verb}: not on the page: {missing}"


def options(parser: argparse.ArgumentParser) -> set[str]:
    """Return the options of a parser and of its formats, without those that every verb has."""
    found = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            found |= set(action.choices).union(*(options(each) for each in action.choices.values()))
    return found - {"--help", "--json"}


def test_every_public_name_can_be_imported() -> None:
    table = (
        (ROOT / "docs" / "reference" / "public-names.md")
        .read_text()
        .partition("\n## Python\n")[2]
        .partition("\n## ")[0]
    )
    names = re.findall(r"^\| `([\w.]+)` \|", table, re.MULTILINE)
    assert len(names) > 20
    missing = [each for each in names if each.startswith("tarazy.") and not is_there(each)]
    assert not missing, f"no such names: {missing}"


def is_there(name: str) -> bool:
    """Say whether a dotted name is a module or a name in one."""
    if importlib.util.find_spec(name.rpartition(".")[0]) is None:
        return False
    module, _, attribute = name.rpartition(".")
    return hasattr(importlib.import_module(module), attribute) or importlib.util.find_spec(name) is not None
