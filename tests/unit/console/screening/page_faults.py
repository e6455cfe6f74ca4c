"""What is wrong with a page, found by reading its HTML as a browser under our policy would."""

from __future__ import annotations

from html.parser import HTMLParser
from urllib.parse import urlsplit

VOID = frozenset("br hr img input link meta".split())
CLOSED_BY_ITSELF = frozenset("path circle rect line".split())
FIELDS = frozenset(("input", "select", "textarea"))
UNLABELLED = frozenset(("hidden", "submit"))
LINKS = {"a": "href", "link": "href", "script": "src", "form": "action", "img": "src", "use": "href"}


class Faults(HTMLParser):
    """Collects faults of a page in `found`."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._open: list[str] = []
        self._ids: list[str] = []
        self._wanted: list[str] = []
        self._fields: list[str] = []
        self._labels: set[str] = set()
        self._headings: list[int] = []
        self.feed(html)
        self.close()
        self.conclude()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Look at one element."""
        given = {name: value or "" for name, value in attrs}
        if "style" in given or tag == "style" or any(name.startswith("on") for name in given):
            self.found.append(f"<{tag}> has a style or a script of its own")
        if tag == "script" and "src" not in given:
            self.found.append("a script in the page")
        where = given.get(LINKS.get(tag, ""), "")
        if urlsplit(where).scheme or urlsplit(where).netloc:
            self.found.append(f"<{tag}> leads to {where}")
        if "id" in given:
            self._ids.append(given["id"])
        self._wanted += given.get("aria-describedby", "").split() + given.get("aria-labelledby", "").split()
        self.look_at_labels(tag, given)
        if len(tag) == 2 and tag[0] == "h" and tag[1].isdigit():
            self._headings.append(int(tag[1]))
        if tag not in VOID and tag not in CLOSED_BY_ITSELF:
            self._open.append(tag)

    def look_at_labels(self, tag: str, given: dict[str, str]) -> None:
        """Note fields and what labels them."""
        if tag == "label":
            self._labels.add(given.get("for", ""))
        inside = "label" in self._open
        if tag in FIELDS and given.get("type") not in UNLABELLED and not inside and "aria-label" not in given:
            self._fields.append(given.get("id", f"<{tag}> without an id"))
        if tag == "svg" and given.get("aria-hidden") != "true":
            self.found.append("a picture that is neither hidden from readers nor told")

    def handle_endtag(self, tag: str) -> None:
        """Check that elements end in order."""
        if tag in CLOSED_BY_ITSELF:
            return
        if not self._open or self._open[-1] != tag:
            self.found.append(f"</{tag}> where {self._open[-3:]} are open, at {self.getpos()}")
            if tag not in self._open:
                return
        while self._open.pop() != tag:
            pass

    def conclude(self) -> None:
        """Add what only the whole page shows."""
        self.found += [f"<{tag}> is not closed" for tag in self._open]
        self.found += [f"id {each!r} twice" for each in set(self._ids) if self._ids.count(each) > 1]
        self.found += [f"{each!r} is named as a description and is not there" for each in self._wanted
                       if each not in self._ids]  # fmt: skip
        self.found += [f"field {each} has no label" for each in self._fields if each not in self._labels]
        if self._headings.count(1) != 1:
            self.found.append(f"{self._headings.count(1)} first headings")
        jumps = [(a, b) for a, b in zip(self._headings, self._headings[1:], strict=False) if b > a + 1]
        if jumps:
            self.found.append(f"headings jump: {jumps}")


def faults(html: str) -> list[str]:
    """Return what is wrong with a page."""
    return Faults(html).found
