"""A facility's frames as a NATS JetStream stream: message n is frame n, with the bytes that a local file holds.

The stream is kept in files, without limits, and nothing can be removed from it. Every message carries three headers
that the server checks before it takes it: its own id, which names the frame's number and hash, the number of the last
message, and the id of the last message. So the server refuses a frame whose past is not the stream's end, whoever
sends it and however late: two writers cannot both go on, and a frame that was sent twice is stored once.

Durable means what the server makes of it: with `sync_interval: always` an acknowledgement comes after the server's
fsync; with several replicas, after a majority has the frame. Without either, an acknowledged frame can be lost with
the machine's power (docs/decisions/2026-11-29-stream-log.md).

The client library speaks asyncio; a `FrameStream` owns one loop in one thread, and `run` calls into it from others.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from collections.abc import Coroutine
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

from tarazy.facility.sequencer.stream_address import check_address
from tarazy.facility.sequencer.stream_errors import (
    StreamClientMissingError,
    StreamMessageError,
    StreamSettingsError,
    StreamUnreachableError,
)
from tarazy.journal.frame import FRAME_BYTES_MAX, Frame, Position, decode_frame
from tarazy.journal.identity import Identity

try:
    import nats.aio.client
    import nats.errors
    import nats.js.api
    import nats.js.errors
except ImportError as error:
    raise StreamClientMissingError(Path("nats-py"), expected="the package nats-py", found="none") from error

T = TypeVar("T")
Sending = asyncio.Task[nats.js.api.PubAck]

# Numbers of the server's own errors, which every version keeps (nats-server, server/errors.json).
WRONG_LAST = (10070, 10071)  # the last message has another id, or another number, than was expected
HEADERS_BYTES_MAX = 1024
RECONNECT_WAIT_S = 0.1

# What a call may end with when servers or network fail; none of them says whether a frame was stored.
NETWORK_ERRORS = (nats.errors.Error, asyncio.TimeoutError, OSError)


class StreamSettings(NamedTuple):
    """Where the stream is and how long a writer waits for it.

    Units: seconds. `ack_timeout_s` until a frame is sent again, `give_up_s` until the writer stops.
    """

    url: str
    credentials: Path | None = None
    replicas: int = 1
    ack_timeout_s: float = 2.0
    give_up_s: float = 30.0
    in_flight_max: int = 8


class SealedFrame(NamedTuple):
    """A frame's place and bytes on their way to the stream."""

    position: Position
    frame_hash: bytes
    data: bytes

    @property
    def headers(self) -> dict[str, str]:
        """Return what the server checks before it takes the frame."""
        number = self.position.frame_number
        found = {"Nats-Msg-Id": message_id(number, self.frame_hash), "Nats-Expected-Last-Sequence": str(number - 1)}
        if number > 1:
            found["Nats-Expected-Last-Msg-Id"] = message_id(number - 1, self.position.prev_hash)
        return found


def message_id(frame_number: int, frame_hash: bytes) -> str:
    """Return the id of a frame's message."""
    return f"{frame_number}-{frame_hash.hex()}"


class FrameStream:
    """The stream of one facility, connected. Coroutines of it run in its own thread, through `run`."""

    def __init__(self, settings: StreamSettings, identity: Identity) -> None:
        check_address(settings.url)
        self.settings = settings
        self.name = f"tarazy-{identity.facility_id.hex()}"
        self.path = Path(self.name)
        self._subject = f"tarazy.{identity.facility_id.hex()}.frames"
        self.loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self.loop.run_forever, name="tarazy-stream", daemon=True)
        self._thread.start()
        self._sendings: set[Sending] = set()
        self._client = nats.aio.client.Client()
        try:
            self.run(self._connect())
        except BaseException:
            self.close()
            raise

    def run(self, coroutine: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine in the stream's thread and return its result. Raises: StreamUnreachableError and its own."""
        try:
            return asyncio.run_coroutine_threadsafe(coroutine, self.loop).result()
        except NETWORK_ERRORS as error:
            raise self.unreachable(error) from error

    def unreachable(self, error: BaseException | str) -> StreamUnreachableError:
        """Return the error for servers that do not answer."""
        return StreamUnreachableError(
            self.path,
            expected=f"an answer within {self.settings.give_up_s} s",
            found=str(error) or type(error).__name__,
        )

    async def _connect(self) -> None:
        """Connect and see that the stream is there and kept as it must be."""
        settings = self.settings

        async def quiet(error: Exception) -> None:
            """Leave it to the calls that fail to say so."""

        async def forget() -> None:
            """Let nobody wait for acknowledgements that were to come over the connection that is gone."""
            for sending in self._sendings:
                sending.cancel()

        connecting = self._client.connect(
            settings.url,
            name="tarazy",
            user_credentials=None if settings.credentials is None else str(settings.credentials),
            error_cb=quiet,
            disconnected_cb=forget,
            max_reconnect_attempts=-1,
            reconnect_time_wait=RECONNECT_WAIT_S,  # type: ignore[arg-type]  # seconds, parts of one too
            pending_size=settings.in_flight_max * FRAME_BYTES_MAX,
        )
        await asyncio.wait_for(connecting, settings.give_up_s)
        self._streams = self._client.jetstream(timeout=settings.ack_timeout_s)
        try:
            info = await self._streams.stream_info(self.name)
        except nats.js.errors.NotFoundError:
            info = await self._streams.add_stream(self._wanted())
        self._check(info.config)

    def _wanted(self) -> nats.js.api.StreamConfig:
        """Return the settings of a new stream."""
        return nats.js.api.StreamConfig(
            name=self.name,
            subjects=[self._subject],
            storage=nats.js.api.StorageType.FILE,
            retention=nats.js.api.RetentionPolicy.LIMITS,
            discard=nats.js.api.DiscardPolicy.NEW,
            num_replicas=self.settings.replicas,
            deny_delete=True,
            deny_purge=True,
            allow_direct=True,
        )

    def _check(self, config: nats.js.api.StreamConfig) -> None:
        """Refuse a stream that may lose, change or remove frames."""
        limits = (config.max_msgs, config.max_bytes, config.max_msg_size, config.max_msgs_per_subject)
        faults = {
            "kept in files": config.storage != nats.js.api.StorageType.FILE,
            "for this facility's frames only": config.subjects != [self._subject],
            "without limits": any(limit not in (None, -1) for limit in limits) or bool(config.max_age),
            "with deny_delete and deny_purge": not (config.deny_delete and config.deny_purge),
            "written before it is acknowledged": getattr(config, "persist_mode", None) not in (None, "default"),
            "refusing what is new when full": config.discard != nats.js.api.DiscardPolicy.NEW,
        }
        wrong = [words for words, is_wrong in faults.items() if is_wrong]
        if wrong:
            raise StreamSettingsError(self.path, expected=f"a stream {', '.join(wrong)}", found="another")

    @property
    def frame_bytes_max(self) -> int:
        """Return the most bytes that one frame may take: what the servers take as one message."""
        return min(FRAME_BYTES_MAX, self._client.max_payload - HEADERS_BYTES_MAX)

    def send(self, frame: SealedFrame) -> Sending:
        """Begin to send a frame, behind those whose sending was begun before; the task ends with the acknowledgement.

        The client's own `publish_async` is not used: in its version 2.16 a refusal leaves its future unanswered.
        """
        sending = self.loop.create_task(self._publish(frame))
        self._sendings.add(sending)
        sending.add_done_callback(self._ended)
        return sending

    async def _publish(self, frame: SealedFrame) -> nats.js.api.PubAck:
        """Send a frame and wait for its acknowledgement."""
        return await self._streams.publish(self._subject, frame.data, headers=frame.headers)

    def _ended(self, sending: Sending) -> None:
        """Drop a sending; whoever waits for it sees how it ended, and nobody need wait."""
        self._sendings.discard(sending)
        if not sending.cancelled():
            sending.exception()

    @staticmethod
    async def acknowledgement(sending: Sending) -> nats.js.api.PubAck:
        """Wait for a sending's end. Raises: one of NETWORK_ERRORS, also where its connection broke."""
        await asyncio.wait([sending])
        if sending.cancelled():
            raise nats.errors.ConnectionClosedError
        return sending.result()

    async def last_number(self) -> int:
        """Return the number of the newest frame, 0 where there is none."""
        info = await self._streams.stream_info(self.name)
        return info.state.last_seq

    async def data_of(self, frame_number: int) -> bytes | None:
        """Return the bytes of one message, None where the stream has none of that number."""
        for direct in (True, False):
            try:
                message = await self._streams.get_msg(self.name, seq=frame_number, direct=direct)
                return message.data or b""
            except nats.js.errors.NotFoundError:
                continue  # a replica that answers directly may be behind; the leader knows
        return None

    async def frame_of(self, frame_number: int) -> Frame:
        """Return one frame. Raises: StreamMessageError."""
        data = await self.data_of(frame_number)
        frame = None if data is None else decode_frame(data)
        if frame is None:
            raise StreamMessageError(
                self.path,
                expected="a frame with its hash",
                found="no message" if data is None else f"{len(data)} other bytes",
                frame=frame_number,
            )
        return frame

    async def _close(self) -> None:
        """Close the connection and end what the client library left running, within a time: a dead server is silent."""
        try:
            if not self._client.is_closed:
                await asyncio.wait_for(self._client.close(), self.settings.give_up_s)
        finally:
            left = asyncio.all_tasks() - {asyncio.current_task()}
            for task in left:
                task.cancel()
            if left:
                await asyncio.wait(left, timeout=self.settings.give_up_s)

    def close(self) -> None:
        """Close the connection and end the thread. A second call does nothing."""
        if self.loop.is_closed():
            return
        with contextlib.suppress(*NETWORK_ERRORS):
            asyncio.run_coroutine_threadsafe(self._close(), self.loop).result(3 * self.settings.give_up_s + 1)
        self.loop.call_soon_threadsafe(self.loop.stop)
        self._thread.join()
        self.loop.close()
