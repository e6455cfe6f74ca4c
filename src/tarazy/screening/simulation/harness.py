"""The adversary harness: a trader has bought, somebody acts, and then it is seen what that did to whom.

`AdversaryHarness.play` runs actions in a sandbox and returns the effects by their names:

- blocks_sell: the trader's sale reverts, which worked before, and still is a week later; delays_sell: it works again
  within a week; taxes_sell: it costs over half; raises_tax: it costs more than before, below half;
- blocks_transfer: the trader cannot send tokens on; takes_balance: his balance shrinks without his doing;
- mints: supply or an attacker's balance grows out of nothing; makes_own: so an account without privilege doubled what
  he had, or made over a hundredth of the supply for himself; gives_allowance: the trader's tokens may be taken;
- drains_pool: the pool's tokens or ether shrink; withdraws_ether, withdraws_tokens: what lay in the contract leaves it;
- takes_ownership: an account without privilege becomes owner; regains_ownership: it was given up and is held again;
- replaces_code: the code behind a proxy is another.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from tarazy.chains.evm.abi import selector
from tarazy.screening.model import HolderKind, TraceStep
from tarazy.screening.simulation.abi import call_data, word, words
from tarazy.screening.simulation.actions import Action, Scene, trading_numbers
from tarazy.screening.simulation.actors import ACCOMPLICE, BYSTANDER, FRESH, STRANGER, TRADER, actor
from tarazy.screening.simulation.artifacts import runtime
from tarazy.screening.simulation.engine import BLOCK_TIME_S, BlockContext, CallOutcome, sandbox, view
from tarazy.screening.simulation.holders import ADDRESS_BITS, owner_fields
from tarazy.screening.simulation.listing import Listed
from tarazy.screening.simulation.market import Deal, PairMarket, approve, transfer
from tarazy.screening.simulation.target import CallBudget

PROBE, TRAP = actor("probe"), actor("trap")
HALF_PPM = 500_000
RAISE_PPM_MIN = 1_000  # below it a difference is rounding
OWN_ETHER_WEI = 10**18
PARTS = 1_000_000  # what is smaller than this part of the supply is rounding
OWN_SHARE = 100  # who makes more than this part of the supply for himself, or doubles what he has, dilutes all others
ROUNDING = 2
DAY_S, WEEK_S = 86_400, 604_800


@dataclass(frozen=True, slots=True)
class Holdings:
    """What one account has: tokens, the other asset, ether, and what the trader allows it to take."""

    tokens: int
    other: int
    ether: int
    allowed: int


@dataclass(frozen=True, slots=True)
class Look:
    """What could be changed by an attack, read at one moment."""

    supply: int
    accounts: tuple[Holdings, ...]
    owners: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Effect:
    """One thing that actions brought about."""

    name: str
    detail: str
    tax_ppm: int | None = None
    size: int = 0  # of several by the same calls the largest is told


@dataclass(frozen=True, slots=True)
class Result:
    """What a series of actions did. `reverted` is the place of the first action that reverted, None where none was."""

    effects: tuple[Effect, ...]
    outcomes: tuple[CallOutcome, ...]
    reverted: int | None
    owners: tuple[int, ...]  # what the owner fields hold afterwards


class AdversaryHarness:
    """A token after a purchase, watched from all sides. It changes the state for good: nothing is played after it."""

    def __init__(self, listed: Listed, market: PairMarket, bought: Deal, settle_s: int, budget: CallBudget) -> None:
        self.engine, self.listed, self.market, self.budget = listed.engine, listed, market, budget
        self.token, self.bought = listed.token, bought
        self.fields = tuple(owner_fields(listed.facts))
        self.engine.set_code(PROBE, runtime("Probe"))
        self.engine.set_code(TRAP, runtime("Trap"))
        self.watched = tuple(
            dict.fromkeys((TRADER, market.pool, self.token, ACCOMPLICE, STRANGER, listed.provider, listed.owner))
        )
        self.act_block = self.engine.block.after(BLOCK_TIME_S)
        self.sell_block = self.act_block.after(settle_s)
        self._endow()
        if listed.state == "forked":
            self.engine.settle()  # what each call looks at is read from the journal, whose text is then short
        self.before = self.look()
        held = self.before.accounts[0].tokens
        trading = trading_numbers(listed.facts.entry_points, self.engine.code(self.token))
        places = (TRADER, market.pool, market.router, self.token, market.venue.weth, ACCOMPLICE)
        self.scene = Scene(*places, self.before.supply, held, TRAP, trading)
        self.planned = held // 2
        approve(self.engine, self.token, TRADER, market.router, self.planned)
        self.sale, self.sending = self.sell(), self.send()

    def watch(self, *accounts: str) -> None:
        """Look at further accounts from now on."""
        self.watched = tuple(dict.fromkeys((*self.watched, *accounts)))
        self.before = self.look()

    def _endow(self) -> None:
        """Give the contract something that could be withdrawn: ether, another token, and a trifle of its own."""
        weth, amount = self.market.venue.weth, OWN_ETHER_WEI
        self.engine.call(self.listed.provider, weth, selector("deposit()"), value=amount)
        self.engine.call(self.listed.provider, weth, call_data("transfer(address,uint256)", self.token, amount))
        self.engine.set_balance(self.token, self.engine.balance(self.token) + amount)
        transfer(self.engine, self.token, self.listed.provider, self.token, 1_000)
        for account in (STRANGER, self.listed.owner):  # somebody who has tokens may do more with them
            transfer(self.engine, self.token, self.listed.provider, account, self.bought.amount_out)

    def look(self) -> Look:
        """Read what could be changed."""
        data = call_data("look(address,address,address[])", self.token, self.market.venue.weth, 96)
        data += word(len(self.watched)) + b"".join(map(word, self.watched))
        seen = words(view(self.engine, PROBE, data, BYSTANDER, gas=20_000_000).output)[2:]
        if len(seen) != 1 + 4 * len(self.watched):
            return Look(0, (Holdings(0, 0, 0, 0),) * len(self.watched), ())
        rows = [seen[at : at + 4] for at in range(1, len(seen), 4)]
        owners = tuple((self.engine.storage(self.token, slot) >> low) & ADDRESS_BITS for slot, low in self.fields)
        return Look(seen[0], tuple(Holdings(*row) for row in rows), owners)

    def sell(self) -> Deal:
        """Let the trader sell half of what he bought, and undo it."""
        with sandbox(self.engine):
            self.engine.set_block(self.sell_block)
            return self.market.sell_allowed(TRADER, self.planned)

    def send(self, wait_s: int = 0) -> Deal:
        """Let the trader send half of what he bought to somebody, and undo it."""
        with sandbox(self.engine):
            self.engine.set_block(self.sell_block.after(wait_s))
            return transfer(self.engine, self.token, TRADER, FRESH, self.planned)

    def play(self, actions: Sequence[Action], gap_s: int = 0) -> Result:
        """Make actions one after another, with time between them, and see what they did; then undo them."""
        self.budget.calls += len(actions)
        with sandbox(self.engine):
            self.engine.set_block(self.act_block)
            outcomes = []
            for place, action in enumerate(actions):
                done = self._make(action)
                outcomes.append(done)
                if gap_s:
                    self.engine.set_block(self.engine.block.after(gap_s))
                if not done.succeeded:
                    return Result((), tuple(outcomes), place, self.before.owners)
            after = self.look()
            effects = self._harms(actions, after)
            if not any(effect.name == "mints" for effect in effects):  # a pool that overflows tells nothing further
                effects += self._on_trading(after)
            return Result(tuple(effects), tuple(outcomes), None, after.owners)

    def _make(self, action: Action) -> CallOutcome:
        if action.privileged.entry is not None:
            self.engine.set_storage(self.token, dict([action.privileged.entry]))
        gas = self.budget.limits.gas_max
        return self.engine.call(action.privileged.address, self.token, action.data, value=action.value, gas=gas)

    def _harms(self, actions: Sequence[Action], after: Look) -> list[Effect]:
        """Return what changed hands."""
        before, found = self.before, []
        if replaced(actions, after):
            return [Effect("replaces_code", "the token no longer answers: other code stands behind it")]
        trader, trader_now = before.accounts[0], after.accounts[0]
        taken = trader.tokens - trader_now.tokens
        if taken > ROUNDING:
            detail = f"the trader had {trader.tokens} and has {trader_now.tokens}"
            found.append(Effect("takes_balance", detail, size=taken))
        found += self._mints(actions, after)
        found += self._moved(actions, after)
        for name, was, now in zip(self.watched[1:], before.accounts[1:], after.accounts[1:], strict=True):
            if now.allowed > was.allowed and name != self.market.router:
                found.append(
                    Effect("gives_allowance", f"{self.scene.name(name)} may take {now.allowed} of the trader's")
                )
                break
        if self.listed.synthetic:  # on storage made of zeros every initialiser looks as if nobody had called it
            return found
        found += self._made_own(actions, after, found)
        outsiders = {
            int(action.privileged.address, 16) for action in actions if action.privileged.kind is HolderKind.ANYONE
        }
        if any(now != was and now in outsiders for was, now in zip(before.owners, after.owners, strict=False)):
            found.append(Effect("takes_ownership", "a stranger is now in a field that gives a privilege"))
        return found

    def _mints(self, actions: Sequence[Action], after: Look) -> list[Effect]:
        before = self.before
        if any(action.value for action in actions):  # bought with ether
            return []
        if after.supply > before.supply:
            return [Effect("mints", f"the supply was {before.supply} and is {after.supply}")]
        gained = [now.tokens - was.tokens for was, now in zip(before.accounts, after.accounts, strict=True)]
        by_attackers = max((gained[place] for place in self._attackers(actions)), default=0)
        if by_attackers > 0 and sum(gained) > max(before.supply // PARTS, 1):
            return [Effect("mints", f"{by_attackers} came out of nothing; the supply does not show it")]
        return []

    def _made_own(self, actions: Sequence[Action], after: Look, found: Sequence[Effect]) -> list[Effect]:
        """Return what an account without privilege made for itself, too much for an airdrop or a reward."""
        if not any(effect.name == "mints" for effect in found) or any(
            action.privileged.kind is not HolderKind.ANYONE for action in actions
        ):
            return []
        for place in self._attackers(actions):
            held = self.before.accounts[place].tokens
            made = after.accounts[place].tokens - held
            if made * OWN_SHARE > self.before.supply or made >= held > ROUNDING:
                return [Effect("makes_own", f"an account without privilege made {made} for himself and had {held}")]
        return []

    def _attackers(self, actions: Sequence[Action]) -> list[int]:
        names = {ACCOMPLICE, *(action.privileged.address for action in actions)} - {
            TRADER,
            self.market.pool,
            self.token,
        }
        return [place for place, account in enumerate(self.watched) if account in names]

    def _moved(self, actions: Sequence[Action], after: Look) -> list[Effect]:
        """Return what left the pool or the contract. Who gave own tokens for it has not taken it."""
        found = []
        paid = any(after.accounts[at].tokens < self.before.accounts[at].tokens for at in self._attackers(actions))
        (pool, own), (pool_now, own_now) = self.before.accounts[1:3], after.accounts[1:3]
        if pool.tokens - pool_now.tokens > pool.tokens // PARTS or pool_now.other * 100 < pool.other * 99:
            kind, was, now = ("tokens", pool.tokens, pool_now.tokens)
            if was <= now:
                kind, was, now = ("ether", pool.other, pool_now.other)
            found.append(Effect("drains_pool", f"the pool had {was} of its {kind} and has {now}", size=was - now))
        if own_now.ether < own.ether and not paid:
            found.append(Effect("withdraws_ether", f"{own.ether - own_now.ether} wei left the contract"))
        if (own_now.other < own.other and not paid) or own_now.tokens * 2 < own.tokens:
            found.append(Effect("withdraws_tokens", "tokens that lay in the contract left it"))
        return found

    def _on_trading(self, after: Look) -> list[Effect]:
        """Return what the trader can no longer do."""
        found: list[Effect] = []
        able = after.accounts[0].tokens >= self.planned
        if self.sale.succeeded and (able or after.supply == 0):
            deal = self.sell()
            # a token that hands fees back to holders hands some to the pool, and a sale shows less than a transfer
            tax, usual = deal.tax_ppm or 0, max(self.sale.tax_ppm or 0, self.sending.tax_ppm or 0)
            if not deal.succeeded:
                found.append(self._blocked(deal))
            elif tax >= HALF_PPM > usual:
                found.append(Effect("taxes_sell", f"the sale costs {tax / 10_000:g} %", tax))
            elif tax >= usual + RAISE_PPM_MIN:
                found.append(
                    Effect("raises_tax", f"the sale costs {tax / 10_000:g} %, before {usual / 10_000:g} %", tax)
                )
        if self.sending.succeeded and able:
            deal = self.send()
            if not deal.succeeded and not self.send(WEEK_S).succeeded:
                found.append(Effect("blocks_transfer", f"the transfer reverts: {deal.reason}"))
            elif deal.succeeded and (deal.tax_ppm or 0) >= HALF_PPM > (self.sending.tax_ppm or 0):
                found.append(Effect("blocks_transfer", f"the transfer loses {(deal.tax_ppm or 0) / 10_000:g} %"))
        return found

    def _blocked(self, deal: Deal) -> Effect:
        """Tell a sale that stays reverted from one that works again after a while."""
        for seconds, wait in ((DAY_S, "a day"), (WEEK_S, "a week")):
            with sandbox(self.engine):
                self.engine.set_block(self.sell_block.after(seconds))
                if self.market.sell_allowed(TRADER, self.planned).succeeded:
                    return Effect("delays_sell", f"the sale reverts and works again within {wait}: {deal.reason}")
        return Effect("blocks_sell", f"the sale reverts: {deal.reason}")

    def story(self, actions: Sequence[Action], result: Result, effect: Effect) -> tuple[TraceStep, ...]:
        """Tell an attack step by step."""
        bought, block = self.bought, self.act_block
        steps = [
            TraceStep(
                "trader",
                f"the trader buys for {bought.amount_in} wei",
                True,
                f"receives {bought.amount_out}",
                calldata="0x" + bought.calldata.hex(),
                gas_used=bought.gas_used,
                time_s=block.time_s - BLOCK_TIME_S,
            )
        ]
        for action, done in zip(actions, result.outcomes, strict=True):
            steps += self._format_step(action, done, block)
        shown = {
            "blocks_sell": "the trader sells half of what he bought",
            "delays_sell": "the trader sells half of what he bought",
            "taxes_sell": "the trader sells half of what he bought",
            "raises_tax": "the trader sells half of what he bought",
            "blocks_transfer": "the trader sends half of what he bought to somebody",
        }.get(effect.name, "what is there now is compared with what was there before")
        failed = effect.name in ("blocks_sell", "delays_sell", "blocks_transfer")
        when = self.sell_block.time_s if shown.startswith("the trader") else block.time_s
        actor_name = "trader" if shown.startswith("the trader") else "observer"
        return (*steps, TraceStep(actor_name, shown, not failed, effect.detail, time_s=when))

    def _format_step(self, action: Action, done: CallOutcome, block: BlockContext) -> list[TraceStep]:
        steps = []
        if action.privileged.entry is not None:
            steps.append(
                TraceStep(
                    "setting", f"an account is a member of the {action.privileged.name}", True, time_s=block.time_s
                )
            )
        call = TraceStep(
            action.privileged.name,
            action.format(self.scene),
            done.succeeded,
            selector=action.entry.selector,
            calldata="0x" + action.data.hex(),
            gas_used=done.gas_used,
            time_s=block.time_s,
        )
        return [*steps, call]

    def over(self) -> str:
        """Return which limit has ended the search, nothing while none has."""
        if self.budget.calls >= self.budget.limits.calls_max:
            return f"the limit of {self.budget.limits.calls_max} calls"
        if time.perf_counter() > self.budget.deadline:
            return f"the limit of {self.budget.limits.seconds_max:g} s"
        return ""


def replaced(actions: Sequence[Action], after: Look) -> bool:
    """Return whether the trap now stands behind the token."""
    silent = after.supply == 0 and all(account.tokens == 0 for account in after.accounts)
    return silent and any(action.names(TRAP) for action in actions)
