"""authority: pages of a regulator's site asked by 50 users at once, over loopback, for ten seconds.

The record is made before the clock starts: 60 licensees, 105 tokens with evidence for every item, 20 consultations with
200 comments. The site is served as in production, by `tarazy authority serve` in a process of its own. Each user asks
for a page, waits for the whole of it, reads for `--think-ms`, and asks for the next; one in eight is the desk's.
`value` is the slowest of all pages' 95th percentiles, in milliseconds; `p95_ms` has each.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import common

from tarazy.authority.desk import DESK, PROPOSE, AuthorityDesk
from tarazy.authority.greenlist.dossier import ITEMS
from tarazy.authority.office import FOUND, founding_body
from tarazy.authority.state import ROLES
from tarazy.cli.authority.arguments import DESK_KEY
from tarazy.domain.signer import KeySigner, Signer
from tarazy.facility.officers.key_files import new_key_file
from tarazy.platform.signed_acts.record import ActRecord

DIGEST = "ab" * 32
START_S = 1_795_000_000.0
WAIT_S = 60
PEOPLE = ("seo", "finance_officer", "compliance_officer", "mlro", "cito")


class Clerk:
    """Officers that fill a record, a second of its time for each act."""

    def __init__(self, folder: Path) -> None:
        self.keys: dict[int, Signer] = {n: KeySigner.from_seed(bytes([n]) * 32) for n in (1, 2)}
        record = ActRecord(folder, new=True)
        self.keys[DESK] = new_key_file(folder / DESK_KEY, "desk")
        self.at = START_S
        self.desk = AuthorityDesk(record, lambda: self.at)
        rows = [
            {
                "officer_id": str(n),
                "name": f"O{n}",
                "public_key": self.keys[n].public_key.hex(),
                "roles": ",".join(ROLES),
            }
            for n in (1, 2)
        ]
        self.act(FOUND, "authority", founding_body("Bench", self.keys[DESK].public_key, rows, 2, self.keys[2]))

    def act(self, act: str, subject: str, body: dict[str, Any], officer: int = 1) -> None:
        """Act; what needs two is approved by the second."""
        self.at += 1
        line = self.desk.act(officer, self.keys[officer], act, subject, body)
        if line.unsigned.act == PROPOSE:
            self.at += 1
            words = {"proposal": line.unsigned.number, "reason": "looked at"}
            self.desk.act(2, self.keys[2], "act.approve", subject, words)


def make_record(folder: Path, licensees: int, tokens: int, papers: int, comments: int) -> int:
    """Fill a record and return how many acts it has."""
    clerk = Clerk(folder)
    for n in range(licensees):
        people = {role: f"{role} {n}" for role in PEOPLE}
        body = {"name": f"Licensee {n}", **people, "board_members": 6, "independent_members": 2, "policies": [DIGEST]}
        clerk.act("application.receive", f"licensee-{n}", body | {"fee_paid_usd": 98_000})
    for n in range(tokens):
        dossier = {"symbol": f"T{n}", "name": f"Token {n}", "chain": "bitcoin", "class": "native", "issuer": "none",
                   "anonymity_enhanced": False, "algorithmic": False, "applicant": "operator", "circulating": 10,
                   "total": 10, "insiders": ["A"]}  # fmt: skip
        clerk.act("dossier.open", f"token-{n}", dossier)
        for item in ITEMS:
            row = {"item": item, "verdict": "met", "found": "as it should be", "source": "bench", "on": "2026-11-01"}
            clerk.act("dossier.evidence", f"token-{n}", row | {"expires": "2030-01-01"})
        clerk.act("token.list", f"token-{n}", {"present": [1, 2], "reason": "all items met"})
    for n in range(papers):
        rules = [{"id": f"rule-{k}", "in_force": "as it is " * 20, "draft": "as it may be " * 20} for k in range(10)]
        titles = {f"title_{language}": f"Paper {n}" for language in ("en", "ru", "kk")}
        clerk.act("consultation.publish", f"paper-{n}", titles | {"number": f"AFSA-P-CE-2026-{n:04}", "rules": rules,
                  "background": "why " * 200, "deadline": "2030-01-01"})  # fmt: skip
    for n in range(comments):
        body = {"rule": f"rule-{n % 10}", "stance": "support", "text": "because " * 40, "publish": True}
        clerk.act("comment.receive", f"paper-{n % papers}", body, DESK)
    clerk.desk.record.close()
    return len(clerk.desk.record.lines)


PAGES = (
    ("/public/", "/public/greenlist", "/public/consultations", "/public/licences/licensee-{n}"),
    ("/public/greenlist/tokens/token-{n}", "/public/consultations/paper-{m}", "/public/greenlist.json"),
    ("/desk/facilities/licensee-{n}", "/desk/", "/desk/facilities"),
)


def route(user: int) -> Iterator[tuple[str, str]]:
    """Yield (page, path) without end: all public pages in turn, and one of the desk after each round."""
    public, turn = (*PAGES[0], *PAGES[1]), user
    while True:
        for page in (*public, PAGES[2][turn % len(PAGES[2])]):
            turn += 1
            yield page, page.format(n=turn % 50, m=turn % 20)


async def user(port: int, number: int, until: float, think_s: float, found: dict[str, list[float]]) -> None:
    """Read pages over one connection until a time."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    await asyncio.sleep(think_s * number / 50)
    for page, path in route(number):
        if time.perf_counter() >= until:
            break
        begin = time.perf_counter()
        writer.write(f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n".encode())
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        assert head.startswith("http/1.1 200"), (path, head.splitlines()[0])
        await reader.readexactly(int(head.split("content-length: ")[1].split("\r\n")[0]))
        found.setdefault(page, []).append(1000 * (time.perf_counter() - begin))
        await asyncio.sleep(think_s)
    writer.close()


async def measured(folder: Path, arguments: Any) -> dict[str, list[float]]:
    """Serve the record and let the users read."""
    words = ("-m", "tarazy.cli.main", "authority", "serve", str(folder), "--port", "0", "--json")
    process = await asyncio.create_subprocess_exec(sys.executable, *words, stdout=asyncio.subprocess.PIPE)
    try:
        assert process.stdout is not None
        line = await asyncio.wait_for(process.stdout.readline(), WAIT_S)
        port = int(json.loads(line)["url"].split(":")[2].split("/")[0])
        found: dict[str, list[float]] = {}
        until = time.perf_counter() + arguments.seconds
        users = (user(port, n, until, arguments.think_ms / 1000, found) for n in range(arguments.users))
        await asyncio.gather(*users)
        return found
    finally:
        process.terminate()
        await asyncio.wait_for(process.wait(), WAIT_S)


def main() -> int:
    """Run and print."""
    parser = common.parser(__doc__ or "")
    parser.add_argument("--users", type=int, default=50, help="users at once (50)")
    parser.add_argument("--seconds", type=float, default=10, help="how long they read (10)")
    parser.add_argument("--think-ms", type=float, default=1000, help="how long a user reads a page (1000)")
    arguments = parser.parse_args()
    with common.scratch() as folder:
        acts = make_record(folder / "desk", 60, 105, 20, 200)
        found = asyncio.run(measured(folder / "desk", arguments))
    p95 = {page: round(common.percentile(sorted(times), 0.95), 1) for page, times in sorted(found.items())}
    every = sorted(time for times in found.values() for time in times)
    p50_all_ms, p95_all_ms = (round(common.percentile(every, share), 1) for share in (0.5, 0.95))
    common.finish(
        arguments, "authority", max(p95.values()), "ms", acts=acts, users=arguments.users, pages=len(every),
        p95_ms=p95, p50_all_ms=p50_all_ms, p95_all_ms=p95_all_ms,
    )  # fmt: skip
    return 0


if __name__ == "__main__":
    sys.exit(main())
