"""Freeze the engine's state: a forked child has it as it was, and the kernel copies what the writer changes later.

The child adds the state up again, digests it, computes the liabilities' root and, once it is told where, writes the
snapshot's state, slowly and with low priority, while the writer goes on. Its answer comes through a pipe: one JSON
object, or nothing when it died.

A child of a process with threads has the memory of all of them and the execution of one. A lock that another thread
held stays locked for ever. So the child calls the engine, hashes, writes to one file and to its pipe, and ends without
any clean-up; it logs nothing, imports nothing, starts no thread and touches no object of the writer's but the engine.
If it hangs all the same, the kernel ends it at its time limit. It closes every file it inherited first, the folder's
lock above all, so that a child that outlives its writer keeps nobody out; then nobody reads its pipe, and it ends too.

Cost: the fork copies page tables, 3 to 30 ms for each GiB resident (`huge_pages.py`); a page that the writer touches
first while the child lives is copied, a few microseconds each. Memory: those pages, and the snapshot's bytes twice.
"""

from __future__ import annotations

import contextlib
import gc
import json
import os
import select
import signal
import struct
import sys
import threading
import time
import warnings
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

from tarazy.domain.engine import Engine, InvariantBroken
from tarazy.facility.sequencer.errors import CheckpointFailedError

CHILD_TIMEOUT_S = 600
CHUNK_BYTES = 1 << 20
SYNC_EVERY_BYTES = 8 << 20
WRITE_BYTES_PER_S = 64 << 20
NICENESS = 10
ANSWER_BYTES_MAX = 1 << 16
_OFFSET = struct.Struct("<Q")


class Freeze(NamedTuple):
    """How a frozen state is worked on: where its bytes go, how fast, and how long it may take."""

    path: Path
    write_bytes_per_s: int = WRITE_BYTES_PER_S
    timeout_s: int = CHILD_TIMEOUT_S


class FrozenState(NamedTuple):
    """What a child found out about the state, and how long each part took it."""

    state_digest: bytes
    liabilities_root: bytes
    state_bytes: int
    seconds: dict[str, float]


class Child:
    """A forked child at work; `fork_ns` is how long the writer stood still for it. Its file waits for `write_at`."""

    def __init__(self, pid: int, pipe: int, order_pipe: int, timeout_s: int, fork_ns: int) -> None:
        self.pid = pid
        self.fork_ns = fork_ns
        self._pipe = pipe
        self._order_pipe = order_pipe
        self._deadline = time.monotonic() + timeout_s
        self._timeout_s = timeout_s
        self._reaping = threading.Lock()  # a number that was waited for may be another process's at once
        self._is_reaped = False

    def write_at(self, offset: int) -> None:
        """Say where in its file the state begins; a child that is gone is told by `result`."""
        with contextlib.suppress(BrokenPipeError):
            os.write(self._order_pipe, _OFFSET.pack(offset))

    def end(self) -> None:
        """End the child, whose work nobody wants any more, and wait for it."""
        self.kill()
        with contextlib.suppress(CheckpointFailedError, InvariantBroken):
            self.result()

    def kill(self) -> None:
        """End the child; whoever waits for its answer learns that it died."""
        with self._reaping:
            if not self._is_reaped:
                os.kill(self.pid, signal.SIGKILL)

    def result(self) -> FrozenState:
        """Wait for the child's answer.

        Raises: InvariantBroken that the child found; CheckpointFailedError when it died, hung or could not write.
        """
        try:
            answer = self._read()
        finally:
            os.close(self._pipe)
            os.close(self._order_pipe)
            status = self._reap()
        if answer is None:
            raise CheckpointFailedError(f"an answer within {self._timeout_s} s", "none; the child was ended")
        try:
            return _decode(answer)
        except (ValueError, KeyError) as error:
            raise CheckpointFailedError("the child's answer", f"its end, {_how(status)}") from error

    def _read(self) -> bytes | None:
        """Return what the child says until it closes its end; None when the time is up."""
        answer = b""
        while len(answer) < ANSWER_BYTES_MAX:
            left = self._deadline - time.monotonic()
            if left <= 0 or not select.select([self._pipe], [], [], left)[0]:
                return None
            part = os.read(self._pipe, ANSWER_BYTES_MAX)
            if not part:
                break
            answer += part
        return answer

    def _reap(self) -> int:
        """End the child, which has said all it had to say, and return how it ended."""
        if not _ended_within(self.pid, 1.0):
            self.kill()
        with self._reaping:
            self._is_reaped = True
            with contextlib.suppress(ChildProcessError):  # somebody has waited for every child of the process
                return os.waitpid(self.pid, 0)[1]
            return 0


def freeze(engine: Engine, order: Freeze) -> Child:
    """Fork a child that works on the engine's state as it is now; the caller's thread is the one that runs the engine.

    Raises: CheckpointFailedError when the machine has no memory or no process left for it.
    """
    reader, writer = os.pipe2(os.O_CLOEXEC)
    order_reader, order_writer = os.pipe2(os.O_CLOEXEC)
    started = time.perf_counter_ns()
    try:
        pid = _fork()
    except OSError as error:
        for fd in (reader, writer, order_reader, order_writer):
            os.close(fd)
        raise CheckpointFailedError("to fork a copy of the engine", f"{error.strerror}, errno {error.errno}") from error
    if pid == 0:
        _live(engine, order, writer, order_reader)
    fork_ns = time.perf_counter_ns() - started
    os.close(writer)
    os.close(order_reader)
    return Child(pid, reader, order_writer, order.timeout_s, fork_ns)


def _fork() -> int:
    """Fork; Python 3.12 warns of threads, and the head of this file says why it may be done all the same."""
    if sys.hexversion < 0x030C0000:
        return os.fork()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        return os.fork()


def _live(engine: Engine, order: Freeze, pipe: int, order_pipe: int) -> None:
    """Be the child: nothing of it returns to the writer's code, whatever happens."""
    status = 1
    try:
        _close_all_but(pipe, order_pipe)
        gc.disable()
        _leave_the_writers_ways(order.timeout_s)
        os.write(pipe, json.dumps(_work(engine, order, order_pipe)).encode())
        status = 0
    except BaseException as error:
        os.write(pipe, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
    finally:
        os._exit(status)


def _close_all_but(*kept: int) -> None:
    """Close every inherited file but the standard ones and these."""
    for before, after in pairwise((2, *sorted(kept), os.sysconf("SC_OPEN_MAX"))):
        os.closerange(before + 1, after)


def _leave_the_writers_ways(timeout_s: int) -> None:
    """Answer signals as a new process does, end when the time is up, and give way to the writer everywhere."""
    signal.set_wakeup_fd(-1)
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # an interrupt of the terminal is the writer's to handle
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(timeout_s)
    os.nice(NICENESS)
    with contextlib.suppress(OSError):  # where memory runs out, it is this process that goes
        Path("/proc/self/oom_score_adj").write_text("1000")


def _work(engine: Engine, order: Freeze, order_pipe: int) -> dict[str, object]:
    """Return what there is to say about the state, after its bytes are on the device."""
    at = [time.perf_counter()]
    try:
        engine.audit()
    except InvariantBroken as broken:
        return {"broken": [broken.invariant, broken.seq, broken.detail]}
    at.append(time.perf_counter())
    root = engine.liabilities_root()
    at.append(time.perf_counter())
    state = engine.snapshot()
    digest = sha256(state).digest()
    at.append(time.perf_counter())
    told = os.read(order_pipe, _OFFSET.size)
    if len(told) < _OFFSET.size:
        raise EOFError("the writer is gone")
    _write(state, order, *_OFFSET.unpack(told))
    at.append(time.perf_counter())
    taken = [round(end - start, 6) for start, end in pairwise(at)]
    seconds = dict(zip(("audit", "liabilities_root", "snapshot", "write"), taken, strict=True))
    return {"digest": digest.hex(), "root": root.hex(), "state_bytes": len(state), "seconds": seconds}


def _write(state: bytes, order: Freeze, offset: int) -> None:
    """Write the state in chunks, sync often so that the writer's own syncs stay short, sleep to keep to the rate."""
    order.path.unlink(missing_ok=True)
    fd = os.open(order.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC, 0o644)
    view, started = memoryview(state), time.monotonic()
    for at in range(0, len(view), CHUNK_BYTES):
        _write_fully(fd, view[at : at + CHUNK_BYTES], offset + at)
        if (at + CHUNK_BYTES) % SYNC_EVERY_BYTES == 0:
            os.fdatasync(fd)
        ahead_s = (at + CHUNK_BYTES) / order.write_bytes_per_s - (time.monotonic() - started)
        if ahead_s > 0 and at + CHUNK_BYTES < len(view):
            time.sleep(ahead_s)
    os.fsync(fd)


def _write_fully(fd: int, chunk: memoryview, offset: int) -> None:
    """Write all of a chunk; the kernel may take only a part at a time."""
    while chunk:
        written = os.pwrite(fd, chunk, offset)
        chunk, offset = chunk[written:], offset + written


def _decode(answer: bytes) -> FrozenState:
    """Read the child's answer. Raises: InvariantBroken, CheckpointFailedError; ValueError, KeyError for no answer."""
    said = json.loads(answer)
    if "broken" in said:
        raise InvariantBroken(*said["broken"])
    if "error" in said:
        raise CheckpointFailedError("a snapshot of the frozen state", said["error"])
    return FrozenState(
        bytes.fromhex(said["digest"]), bytes.fromhex(said["root"]), int(said["state_bytes"]), said["seconds"]
    )


def _ended_within(pid: int, seconds: float) -> bool:
    """Say whether a process ends by itself in the given time; it stays to be waited for."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        try:
            if os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is not None:
                return True
        except ChildProcessError:
            return True
        time.sleep(0.005)
    return False


def _how(status: int) -> str:
    """Say how a process ended."""
    if os.WIFSIGNALED(status):
        return f"by signal {signal.Signals(os.WTERMSIG(status)).name}"
    return f"with status {os.waitstatus_to_exitcode(status)}"
