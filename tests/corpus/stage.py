"""A small stage on revm on which a token of the corpus is deployed and scripts are played.

A script is a list of sentences, so that labels.toml can hold it as data.

    owner setFee(uint256) 99              a call of the token by an actor; arguments as the signature says
    owner sends trader 1000e18            short for transfer(address,uint256)
    pool pulls trader 5e18                short for trader approve(pool), pool transferFrom(trader, pool)
    owner pays 3e18 deposit()             a call with ether
    owner f(uint256) 5 followed by trader the address stands behind the call's data, as a forwarder puts it
    token receives 5e18                   ether appears at an actor's address
    wait 86400                            the clock goes on, a block each twelve seconds

Actors: owner (deployed the token), trader, stranger, treasury, dead (no code), pool (has code that accepts every call),
token, a helper contract by its name, an address in hexadecimal, or `slot:0x...`, whose address stands in that slot of
the token. `Helper.f(uint256)` calls another contract than the token. A claim is one of:

    works CALL | fails CALL               tried and undone; a false returned counts as failed
    balance ACTOR < 5e18                  also <=, =, >=, >
    supply = 1000000e18
    ether ACTOR > 0
    reads totalFee() = 3                  one word returned by a call
    text symbol() = USDT                  a text returned by a call
    gas trader sends pool 1e18 > 800000   gas that a call uses
"""

from __future__ import annotations

import operator
import re
from collections.abc import Iterator
from contextlib import contextmanager

from Crypto.Hash import keccak
from eth_abi import decode, encode
from pyrevm import EVM, AccountInfo, BlockEnv

from tests.corpus.loader import PADDING, START_BLOCK, START_TIME_S, CorpusToken

BLOCK_S = 12
GAS = 10_000_000
GAS_PRICE = 10**9
PRODUCER = f"0x{0xC0000000:040x}"  # of every block: a stage without one would not be like a chain
PEOPLE = {
    name: f"0x{0xA0000000 + number:040x}" for number, name in enumerate(("owner", "trader", "stranger", "treasury"))
}
POOL = f"0x{0xB0000000:040x}"
DEAD = f"0x{0xDEAD:040x}"
CONDUCTOR = f"0x{0xA1000000:040x}"
# The pool's code. From the conductor: call the address in the first twenty bytes with the rest of the data, return what
# it returned, revert where it reverted. From anyone else: accept and return nothing.
POOL_CODE = bytes.fromhex(
    f"3373{CONDUCTOR[2:]}14601b5700"  # caller == conductor, or stop
    "5b601436038060145f375f5f915f345f3560601c5af1"  # call(gas, data >> 96, value, 0, size - 20, 0, 0)
    "3d5f5f3e603b573d5ffd5b3d5ff3"
)
ETHER = 10**21
COMPARISONS = {"<": operator.lt, "<=": operator.le, "=": operator.eq, ">=": operator.ge, ">": operator.gt}
SIGNATURE = re.compile(r"(\w*)\(([\w\[\],]*)\)")


class RefusedError(Exception):
    """A call of a script reverted, or returned false; the text is the sentence."""


def number_of(text: str) -> int:
    """Return 1000e18 as an integer."""
    digits, _, exponent = text.partition("e")
    return int(digits, 0) * 10 ** int(exponent or 0) if not text.startswith("0x") else int(text, 16)


def selector(signature: str) -> bytes:
    """Return the first four bytes of a signature's hash."""
    return keccak.new(digest_bits=256, data=signature.encode()).digest()[:4]


class Stage:
    """One token, deployed by its owner, with actors around it."""

    def __init__(self, token: CorpusToken) -> None:
        """Deploy the token and its helpers.

        Raises: RuntimeError of the engine where the constructor reverts.
        """
        self.evm = EVM(spec_id=token.fork)
        self.block = START_BLOCK
        self.time_s = START_TIME_S
        self.advance(0)
        self.actors = {**PEOPLE, "pool": POOL, "dead": DEAD}
        for address in PEOPLE.values():
            self.evm.insert_account_info(address, AccountInfo(balance=ETHER))
        self.evm.insert_account_info(CONDUCTOR, AccountInfo(balance=ETHER))
        self.evm.insert_account_info(POOL, AccountInfo(balance=ETHER, code=POOL_CODE))
        owner = PEOPLE["owner"]
        for name, creation in sorted(token.helpers.items()):
            self.actors[name] = self.evm.deploy(owner, creation, gas=GAS)
        self.actors["token"] = self.evm.deploy(owner, token.creation, gas=GAS)

    @property
    def runtime(self) -> bytes:
        """Return the code that stands after the constructor, without the engine's padding."""
        return bytes(self.evm.get_code(self.actors["token"]) or b"").removesuffix(bytes(PADDING))

    def advance(self, seconds: int) -> None:
        """Let time pass."""
        self.time_s += seconds
        self.block += seconds // BLOCK_S
        self.evm.set_block_env(
            BlockEnv(number=self.block, timestamp=self.time_s, coinbase=PRODUCER, basefee=GAS_PRICE // 2)
        )

    @contextmanager
    def undone(self) -> Iterator[None]:
        """Undo what happens inside."""
        before = self.evm.snapshot()
        clock = self.time_s, self.block
        try:
            yield
        finally:
            self.evm.revert(before)
            self.time_s, self.block = clock
            self.advance(0)

    def play(self, sentence: str) -> bytes:
        """Do one sentence of a script and return what the call returned.

        Raises: RefusedError.
        """
        words = sentence.split()
        if words[0] == "wait":
            self.advance(int(words[1]))
            return b""
        if words[1] == "receives":
            self.evm.set_balance(self.address(words[0]), number_of(words[2]))
            return b""
        if words[1] == "pulls":
            self.play(f"{words[2]} approve(address,uint256) {words[0]} {words[3]}")
            return self.play(f"{words[0]} transferFrom(address,address,uint256) {words[2]} {words[0]} {words[3]}")
        if words[1] == "sends":
            words[1:2] = ["transfer(address,uint256)"]
        value = 0
        if words[1] == "pays":
            value = number_of(words[2])
            del words[1:3]
        tail = b""
        if words[-3:-1] == ["followed", "by"]:
            tail = bytes.fromhex(self.address(words[-1])[2:])
            del words[-3:]
        return self.call(words[0], words[1], words[2:], value, tail, sentence)

    def call(self, actor: str, signature: str, arguments: list[str], value: int, tail: bytes, sentence: str) -> bytes:
        """Call the token, or `NAME.signature` of another actor."""
        target, _, signature = signature.rpartition(".")
        data = self.calldata(signature, arguments) + tail
        sender, receiver = self.address(actor), self.address(target or "token")
        if sender == POOL:  # a contract cannot send a transaction, so the conductor has it call
            sender, receiver, data = CONDUCTOR, POOL, bytes.fromhex(receiver[2:]) + data
        try:
            returned = self.send(sender, receiver, data, value)
        except RuntimeError as error:
            raise RefusedError(f"{sentence}: {str(error)[:200]}") from error
        if len(returned) == 32 and not any(returned) and signature.startswith("transfer"):
            raise RefusedError(f"{sentence}: returned false")
        return returned

    def send(self, sender: str, receiver: str, data: bytes, value: int) -> bytes:
        """Do one transaction, which pays for its gas; who has no ether receives some before.

        Raises: RuntimeError of the engine where it reverts.
        """
        if self.evm.get_balance(sender) < value + GAS * GAS_PRICE:
            self.evm.set_balance(sender, ETHER)
        return bytes(self.evm.message_call(sender, receiver, calldata=data, value=value, gas=GAS, gas_price=GAS_PRICE))

    def calldata(self, signature: str, arguments: list[str]) -> bytes:
        """Return the bytes of a call; `()` is a call without data."""
        match = SIGNATURE.fullmatch(signature)
        assert match, f"expected name(types), found {signature!r}"
        types = [t for t in match[2].split(",") if t]
        assert len(types) == len(arguments), f"{signature}: expected {len(types)} arguments, found {arguments}"
        values = [self.value(kind, text) for kind, text in zip(types, arguments, strict=True)]
        return (selector(signature) if match[1] else b"") + encode(types, values)

    def value(self, kind: str, text: str) -> object:
        """Return one argument as its type wants it."""
        if kind.endswith("[]"):
            return [self.value(kind[:-2], part) for part in text.strip("[]").split(",") if part]
        if kind == "address":
            return self.address(text)
        if kind == "bool":
            return {"true": True, "false": False}[text]
        if kind == "string":
            return text
        if kind == "bytes" and ":" in text:  # a call inside: "put(address,uint256):owner:5"
            signature, *arguments = text.split(":")
            return self.calldata(signature, arguments)
        if kind.startswith("bytes"):
            data = bytes.fromhex(text.removeprefix("0x"))
            return data.ljust(int(kind[5:]), b"\0") if kind != "bytes" else data
        return number_of(text)

    def address(self, actor: str) -> str:
        """Return an actor's address."""
        if actor.startswith("slot:"):
            return f"0x{self.evm.storage(self.actors['token'], int(actor[5:], 16)):040x}"
        return actor if actor.startswith("0x") else self.actors[actor]

    def read(self, signature: str, *arguments: str) -> int:
        """Return one word that the token answers to a stranger."""
        with self.undone():
            sentence = " ".join(("stranger", signature, *arguments))
            return int.from_bytes(self.play(sentence)[:32], "big")

    def works(self, sentence: str) -> bool:
        """Say whether a call would succeed, and leave everything as it was."""
        with self.undone():
            try:
                self.play(sentence)
            except RefusedError:
                return False
            return True

    def holds(self, claim: str) -> bool:
        """Say whether a claim is true now."""
        word, _, rest = claim.partition(" ")
        if word in ("works", "fails"):
            return self.works(rest) == (word == "works")
        if word == "text":
            call, _, text = rest.partition(" = ")
            with self.undone():
                return decode(["string"], self.play(f"stranger {call}")) == (text,)
        *subject, comparison, wanted = rest.split()
        found = {
            "balance": lambda: self.read("balanceOf(address)", *subject),
            "supply": lambda: self.read("totalSupply()"),
            "ether": lambda: self.evm.get_balance(self.address(subject[0])),
            "reads": lambda: self.read(*subject),
            "gas": lambda: self.gas_of(" ".join(subject)),
        }[word]()
        return COMPARISONS[comparison](found, self.integer(wanted))

    def gas_of(self, sentence: str) -> int:
        """Return the gas that a call would use."""
        with self.undone():
            self.play(sentence)
            assert self.evm.result is not None
            return int(self.evm.result.gas_used)

    def integer(self, text: str) -> int:
        """Return a number, or an actor's address as one."""
        return int(self.actors[text], 16) if text in self.actors else number_of(text)
