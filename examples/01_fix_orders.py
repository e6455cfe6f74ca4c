"""Log on over FIX with QuickFIX, place an order, make it smaller, cancel it, and log out.

Usage: python examples/01_fix_orders.py tcp://127.0.0.1:9000 KEY_ID bot.key BTCUSD

KEY_ID is that of `tarazy facility key new --public-key bot.pem`, bot.key the private half in PEM. With tcp+tls:// the
connection is encrypted. Needs quickfix-ssl and cryptography. Guide: docs/guides/trade-over-fix.md
"""

from __future__ import annotations

import base64
import queue
import sys
import tempfile
from pathlib import Path
from urllib.parse import urlsplit

import quickfix as fix
from cryptography.hazmat.primitives.serialization import load_pem_private_key

DICTIONARY = Path(__file__).resolve().parents[1] / "schemas" / "fix" / "tarazy-fix44.xml"
SETTINGS = Path(__file__).with_name("quickfix.cfg")
WAIT_S = 15


class Client(fix.Application):
    """Signs the Logon, and keeps what comes."""

    def __init__(self, key_id: str, private_key) -> None:
        super().__init__()
        self.key_id, self.private_key = key_id, private_key
        self.messages = queue.Queue()
        self.session_id = None

    def onCreate(self, session_id) -> None:
        self.session_id = session_id

    def onLogon(self, session_id) -> None:
        self.messages.put(None)

    def onLogout(self, session_id) -> None:
        pass

    def toAdmin(self, message, session_id) -> None:
        """Sign a Logon: MsgType, SenderCompID, TargetCompID, MsgSeqNum and SendingTime with SOH between them."""
        header = message.getHeader()
        if header.getField(35) != "A":
            return
        payload = "\x01".join(header.getField(tag) for tag in (35, 49, 56, 34, 52))
        signature = base64.b64encode(self.private_key.sign(payload.encode())).decode()
        for tag, value in ((95, str(len(signature))), (96, signature), (553, self.key_id), (25035, "2")):
            message.setField(tag, value)

    def fromAdmin(self, message, session_id) -> None:
        if message.getHeader().getField(35) in ("3", "5") and message.isSetField(58):
            print("the facility says:", message.getField(58))

    def toApp(self, message, session_id) -> None:
        pass

    def fromApp(self, message, session_id) -> None:
        self.messages.put(fix.Message(message))

    def ask(self, kind: str, **fields: str):
        """Send a message, whose fields are named t11 and the like; return the answer."""
        message = fix.Message()
        message.getHeader().setField(35, kind)
        for name, value in fields.items():
            message.setField(int(name[1:]), value)
        fix.Session.sendToTarget(message, self.session_id)
        answer = self.messages.get(timeout=WAIT_S)
        names = {"0": "new", "4": "canceled", "5": "replaced", "8": "rejected"}
        text = f": {answer.getField(58)}" if answer.isSetField(58) else ""
        told = names.get(answer.getField(150), answer.getField(150)) if answer.isSetField(150) else "refused"
        quantity = f", quantity {answer.getField(38)}" if answer.isSetField(38) else ""
        print(f"{answer.getField(11)}: {told}{quantity}{text}")
        return answer


def main(url: str, key_id: str, key_file: str, symbol: str) -> None:
    """Trade."""
    address = urlsplit(url)
    private_key = load_pem_private_key(Path(key_file).read_bytes(), None)
    with tempfile.TemporaryDirectory() as folder:
        places = {"folder": folder, "dictionary": DICTIONARY, "host": address.hostname, "port": address.port}
        path = Path(folder) / "fix.cfg"
        path.write_text(SETTINGS.read_text().format(**places))
        settings = fix.SessionSettings(str(path))
        client = Client(key_id, private_key)
        kind = fix.SSLSocketInitiator if "tls" in address.scheme else fix.SocketInitiator
        initiator = kind(client, fix.FileStoreFactory(settings), settings)
        initiator.start()
        try:
            client.messages.get(timeout=WAIT_S)
            print("logged on")
            client.ask("D", t11="example-1", t55=symbol, t54="1", t40="2", t38="0.02", t44="100", t59="1")
            client.ask("XAK", t11="example-2", t41="example-1", t55=symbol, t38="0.01")
            client.ask("F", t11="example-3", t41="example-1", t55=symbol)
        finally:
            initiator.stop()


if __name__ == "__main__":
    if len(sys.argv) != 5:
        sys.exit(__doc__)
    main(*sys.argv[1:])
