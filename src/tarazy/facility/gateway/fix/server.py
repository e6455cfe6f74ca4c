"""The FIX side of the gateway: its two ports, who is connected, which sessions are kept, and what they are told.

Sequence numbers go on over disconnects and restarts unless the client resets them, and what happens to an account
while its client is away is kept for it. `ResetSeqNumFlag=Y`, which the dialect always has, begins anew.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import uuid
from collections import Counter
from pathlib import Path

from tarazy.facility.feeds.service import Feeds
from tarazy.facility.gateway.fix.codec import Stamps
from tarazy.facility.gateway.fix.configuration import FixSection
from tarazy.facility.gateway.fix.connection import FixConnection
from tarazy.facility.gateway.fix.logon import OTHER, LogonError, LogonTerms, logon_terms
from tarazy.facility.gateway.fix.market_data import MarketClient
from tarazy.facility.gateway.fix.message import ClientMessage
from tarazy.facility.gateway.fix.news import AccountNews
from tarazy.facility.gateway.fix.session import LOGON, FixSession
from tarazy.facility.gateway.fix.store import (
    COPIES,
    MARKETS,
    ORDERS,
    Numbers,
    SessionName,
    SessionStore,
    store_errors,
)
from tarazy.facility.gateway.fix.trader import Trader, deliver
from tarazy.facility.gateway.gateway import Gateway
from tarazy.facility.gateway.limits import Limit
from tarazy.facility.gateway.order_sessions import cancel_session
from tarazy.platform.web.middleware import network

LOGON_S, SHUTDOWN_S, TICK_S, PRUNE_TICKS = 10.0, 2.0, 0.1, 600
SECOND_TICKS = 10
TOO_MANY_CONNECTIONS, UNKNOWN_SESSION, ALREADY_THERE = -1034, -1130, -1034
GOODBYE = "Your connection is about to be closed. Please reconnect."
GOODBYE_S = 5.0
LOG = logging.getLogger("tarazy.gateway")


class FixServer:
    """Serves FIX as a part of a gateway: made before the feeds catch up, given the gateway, started with it."""

    def __init__(self, feeds: Feeds, path: Path, limits: FixSection, tls: ssl.SSLContext | None = None) -> None:
        self.limits, self._feeds, self._tls = limits, feeds, tls
        self.store = SessionStore(path, messages_max=limits.kept_messages_max, sessions_max=limits.kept_sessions_max)
        self._stamps, self._uuid = Stamps(), str(uuid.uuid4())
        self.sessions = {name: self._session(name, numbers) for name, numbers in self.store.load().items()}
        heard: dict[int, int] = {}
        for name, session in self.sessions.items():
            heard[name.account_id] = min(session.numbers.heard_seq, heard.get(name.account_id, 1 << 63))
        self.news = AccountNews(feeds.users, feeds.listen_keys, heard.items())
        feeds.views.add(self.news)
        self.gateway: Gateway | None = None
        self.addresses: dict[str, str] = {}
        self._servers: list[asyncio.Server] = []
        self._connections: set[FixConnection] = set()
        self._waiting: Counter[str] = Counter()
        self._dirty: dict[FixSession, None] = {}
        self._task: asyncio.Task[None] | None = None
        self._ending: set[asyncio.Task[None]] = set()
        self._is_stopping = False
        self._loop: asyncio.AbstractEventLoop | None = None

    def _session(self, name: SessionName, numbers: Numbers) -> FixSession:
        return FixSession(name, numbers, self.limits.comp_id, self, self._stamps)

    # ------------------------------------------------------------ as a part

    async def start(self) -> None:
        """Open the ports. Raises: OSError where one is taken."""
        self._loop = asyncio.get_running_loop()
        self.news.join(self._loop, self._tell)
        for session in self.sessions.values():
            if session.numbers.cancels:  # its connection ended with the process
                self._cancel(session)
        limits = self.limits
        for name, port in (("orders", limits.port), ("market_data", limits.market_data_port)):
            if port is not None:
                await self._open(name, port)
        self._task = asyncio.create_task(self._run())

    async def _open(self, name: str, port: int) -> None:
        is_market = name == "market_data"
        server = await asyncio.get_running_loop().create_server(
            lambda: FixConnection(self, is_market=is_market),
            self.limits.host,
            port,
            ssl=self._tls,
            ssl_handshake_timeout=LOGON_S if self._tls else None,
            ssl_shutdown_timeout=SHUTDOWN_S if self._tls else None,
        )
        self._servers.append(server)
        host, found = server.sockets[0].getsockname()[:2]
        self.addresses[name] = f"tcp{'+tls' if self._tls else ''}://{host}:{found}"

    async def say_goodbye(self) -> None:
        """Tell clients that the server stops, end their connections, and do what is to be done when they end."""
        self._is_stopping = True
        for connection in list(self._connections):
            if connection.session is not None:
                connection.session.send("B", [(148, GOODBYE)])
                connection.session.logout(GOODBYE)
            else:
                connection.close()
        give_up = self.now_s() + GOODBYE_S
        while (self._connections or self._ending) and self.now_s() < give_up:
            await asyncio.sleep(0.02)

    async def stop(self) -> None:
        """Take no more connections, and end those that are there."""
        await self.say_goodbye()
        for server in self._servers:
            server.close()
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait((self._task,))
        self.flush()
        self.store.close()

    async def _run(self) -> None:
        """Tick; a tick that failed is logged and the next one comes."""
        number = 0
        while True:
            await asyncio.sleep(TICK_S)
            number += 1
            try:
                self._tick(number)
            except Exception:
                LOG.exception("a tick of FIX failed")

    def _tick(self, number: int) -> None:
        """Tell states of markets; each second look at heartbeats, logons and keys; let old messages go."""
        now_s = self.now_s()
        for connection in list(self._connections):
            client = connection.client
            if client is None:
                if now_s - connection.opened_s > LOGON_S:
                    connection.close()
            elif isinstance(client, MarketClient):
                client.tick()
            if client is not None and number % SECOND_TICKS == 0:
                client.session.tick(now_s)
                if self._gateway().keys.find(client.terms.key.key_id) is None:
                    client.session.logout("the API-key is not in force any more")
        if number % PRUNE_TICKS == 0:
            self.store.prune([session.numbers for session in self.sessions.values()])

    def _gateway(self) -> Gateway:
        """Return the gateway, which was given before the start."""
        if self.gateway is None:
            raise RuntimeError("expected a gateway before the start")
        return self.gateway

    def now_s(self) -> float:
        """Return the time of the event loop."""
        return asyncio.get_running_loop().time()

    # ------------------------------------------------------------ connections

    def admit(self, connection: FixConnection) -> bool:
        """Say whether one more connection may be."""
        who = network(connection.address)
        is_room = len(self._connections) < self.limits.connections_max and not self._is_stopping
        if not is_room or self._waiting[who] >= self.limits.waiting_logons_of_address_max:
            return False
        self._connections.add(connection)
        self._waiting[who] += 1
        return True

    def gone(self, connection: FixConnection) -> None:
        """Let a connection go; its session goes on where it is kept."""
        if connection not in self._connections:
            return
        self._connections.discard(connection)
        client = connection.client
        if client is None:
            self._no_longer_waiting(connection)
            return
        client.session.detach()
        if isinstance(client, MarketClient):
            client.close()
            self.sessions.pop(client.session.name, None)
        elif client.session.numbers.cancels:
            self._cancel(client.session, client)

    def _no_longer_waiting(self, connection: FixConnection) -> None:
        who = network(connection.address)
        self._waiting[who] -= 1
        if not self._waiting[who]:
            del self._waiting[who]

    def _cancel(self, session: FixSession, client: Trader | None = None) -> None:
        """Cancel the session's orders, as the client wished for when its connection ends."""

        async def cancel() -> None:
            if client is not None:
                await client.settled()
            is_done = await cancel_session(self._gateway(), session.name.account_id, session.numbers.session_id)
            if is_done and session.wire is None:  # else the next start tries again
                session.numbers.cancels = False
                self.flush_soon(session)

        task = asyncio.get_running_loop().create_task(cancel())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)

    # ------------------------------------------------------------ logons

    def log_on(self, connection: FixConnection, message: ClientMessage) -> None:
        """Let a client log on. Raises: LogonError, FixFieldError."""
        gateway, limits = self._gateway(), self.limits
        is_market, our_id = connection.is_market, limits.comp_id
        terms = logon_terms(gateway, message, connection.address, our_id, is_market=is_market)
        self._require_room(terms)
        session = self._resumed(terms, message)
        self.sessions[session.name] = session
        session.numbers.acks_only, session.numbers.cancels = terms.acks_only, terms.cancels
        session.attach(connection, terms.heartbeat_s, self.now_s())
        self._no_longer_waiting(connection)
        if is_market:
            limit = Limit("MESSAGES", "MINUTE", 1, 60, limits.market_messages_per_minute)
            client = MarketClient(session, terms, gateway, self._feeds, connection.address, limit)
            client.subscriptions_max = limits.subscriptions_max
            connection.client = client
        else:
            limit = Limit("MESSAGES", "SECOND", 10, 10, limits.messages_per_ten_seconds)
            connection.client = Trader(session, terms, gateway, connection.address, limit)
        flag = [(141, "Y")] if terms.resets else []
        session.send(LOGON, [(98, 0), (108, terms.heartbeat_s), *flag, (25037, self._uuid)])
        session.logged_on(message.seq)

    def _require_room(self, terms: LogonTerms) -> None:
        """Raise LogonError where the session is connected, or the account has too many."""
        limits, name = self.limits, terms.name
        present = self.sessions.get(name)
        if present is not None and present.wire is not None:
            raise LogonError(OTHER, 49, ALREADY_THERE, f"expected another SenderCompID: {name.comp_id} is connected")
        most = {
            ORDERS: limits.order_sessions_of_account_max,
            COPIES: limits.copy_sessions_of_account_max,
            MARKETS: limits.market_sessions_of_account_max,
        }[name.role]
        same = [each for each in self.sessions.values() if each.wire is not None]
        count = sum(each.name._replace(comp_id="") == name._replace(comp_id="") for each in same)
        if count >= most:
            raise LogonError(OTHER, 0, TOO_MANY_CONNECTIONS, f"Too many connections: the limit is {most}.")

    def _resumed(self, terms: LogonTerms, message: ClientMessage) -> FixSession:
        """Return the session where it ended, or begun anew. Raises: LogonError."""
        name = terms.name
        session = self.sessions.get(name)
        if name.role == MARKETS:
            return self._session(name, Numbers())
        if session is not None and not terms.resets:
            if message.seq < session.numbers.next_in:
                expected = session.numbers.next_in
                text = f"MsgSeqNum too low, expecting {expected} but received {message.seq}"
                raise LogonError(OTHER, 34, UNKNOWN_SESSION, text)
            return session
        if message.seq != 1:
            raise LogonError(OTHER, 34, UNKNOWN_SESSION, "this session is not known: log on with ResetSeqNumFlag=Y")
        numbers = session.numbers.begun_anew() if session is not None else Numbers()
        with self._feeds.views.lock:  # frames behind this moment are told to this session
            numbers.heard_seq = self._feeds.views.book.update_id
            self.news.listen(name.account_id)
        self._dirty.pop(session, None) if session is not None else None
        connected = {each.numbers.number for each in self.sessions.values() if each.wire is not None}
        gone = self.store.begin(name, numbers, connected)
        for each in [each for each, found in self.sessions.items() if found.numbers.number in gone]:
            del self.sessions[each]
        return self._session(name, numbers)

    # ------------------------------------------------------------ telling

    def _tell(self) -> None:
        """Tell sessions what happened to their accounts."""
        by_account: dict[int, list[FixSession]] = {}
        for name, session in self.sessions.items():
            if name.role != MARKETS:
                by_account.setdefault(name.account_id, []).append(session)
        for last_seq, fresh in self.news.take():
            for account_id, plain in fresh:
                for session in by_account.get(account_id, ()):
                    if last_seq > session.numbers.heard_seq and not session.numbers.acks_only:
                        deliver(session, plain)
            for account_id in {account_id for account_id, _ in fresh}:
                for session in by_account.get(account_id, ()):
                    session.numbers.heard_seq = max(last_seq, session.numbers.heard_seq)

    def flush_soon(self, session: FixSession) -> None:
        """Write what a session has, together with the others, before the event loop goes on."""
        if not self._dirty and self._loop is not None:
            self._loop.call_soon(self.flush)
        self._dirty[session] = None

    def flush(self) -> None:
        """Keep what sessions send, then send it. Without a store nobody is told anything: connections end."""
        dirty, self._dirty = list(self._dirty), {}
        if not dirty:
            return
        try:
            kept = [(session.numbers, session.unsaved) for session in dirty if session.is_kept]
            if kept:
                self.store.write(kept)
        except store_errors():
            LOG.exception("sessions of FIX cannot be kept; their connections end")
            for session in dirty:
                session.broken()
            return
        now_s = self._loop.time() if self._loop is not None else 0.0
        for session in dirty:
            session.sent(now_s)
