"""Measures: taxes, what a hostile owner reached, and, where a chain was asked, holders and locked liquidity."""

from __future__ import annotations

import datetime

from tarazy.chains.evm.facts import HolderShare, PoolFacts
from tarazy.domain.arithmetic import PPM, div_floor
from tarazy.screening.criteria.case import BURNT, HOLDER_WORDS, Case, Criterion, Judge, percent, plural
from tarazy.screening.criteria.harms import OWN_STATES
from tarazy.screening.model import Finding

DAY_S = 86_400
EFFECTS = {
    "blocks_sell": "block sales",
    "delays_sell": "hold sales up",
    "taxes_sell": "tax sales away",
    "raises_tax": "raise the tax on sales",
    "takes_balance": "take balances",
    "gives_allowance": "give allowances over balances of others",
    "blocks_transfer": "block transfers",
    "mints": "create supply",
    "makes_own": "create supply for himself",
    "drains_pool": "drain the pool",
    "withdraws_ether": "withdraw ether from the contract",
    "withdraws_tokens": "withdraw tokens from the contract",
    "takes_ownership": "take ownership",
    "regains_ownership": "regain ownership",
    "replaces_code": "replace the code",
}


def weigh(case: Case, criterion: Criterion, outcome: str, text: str) -> Finding:
    """Return a finding at the weight that the file gives this measure."""
    weight = case.criteria.weights.get(criterion.name, "caution")
    return criterion.find("noted" if outcome == "fail" and weight == "info" else outcome, text, weight)


def judge_tax(case: Case, criterion: Criterion) -> Finding:
    """Weigh the largest tax measured on purchases or transfers."""
    first_word = criterion.name.partition("_")[0]
    taxes = [t.tax_ppm for t in case.trades(first_word) if t.succeeded and t.tax_ppm is not None]
    if not taxes:
        return weigh(case, criterion, "unknown", f"no {first_word} was measured")
    most, caution, state = max(taxes), case.criteria.value(f"{criterion.name}_caution"), case.state()
    text = f"a {first_word} cost {percent(most)} on {state} state; {percent(caution)} is allowed"
    if most <= caution:
        return weigh(case, criterion, "pass", text)
    return weigh(case, criterion, "fail" if state in OWN_STATES else "unknown", text)


def judge_hostile_owner(case: Case, criterion: Criterion) -> Finding:
    """Name what the owner's calls between purchase and sale brought about."""
    simulation = case.report.simulation
    if simulation is None or not simulation.ran:
        return weigh(case, criterion, "unknown", "no hostile owner was simulated")
    if simulation.attacks:
        acts = sorted({(attack.actor, EFFECTS.get(attack.effect, attack.effect)) for attack in simulation.attacks})
        told = "; ".join(f"{HOLDER_WORDS[actor]} could {effect}" for actor, effect in acts)
        return weigh(case, criterion, "fail", f"between purchase and sale {told}")
    explored = f"{plural(simulation.explored_calls, 'call')} of privileged functions"
    if not simulation.complete:
        return weigh(case, criterion, "unknown", f"the search ended at its limit after {explored}")
    return weigh(case, criterion, "pass", f"{explored} between purchase and sale harmed nobody")


def judge_creator_share(case: Case, criterion: Criterion) -> Finding:
    """Weigh what the creator holds."""
    ownership, supply = case.report.ownership, case.report.token.total_supply
    if ownership is None or ownership.creator_balance is None or not supply:
        return weigh(case, criterion, "unknown", "the creator's balance or the supply is not known")
    share, most = div_floor(ownership.creator_balance * PPM, supply), case.criteria.value("creator_share_caution")
    text = f"the creator holds {percent(share)} of the supply; {percent(most)} is allowed"
    return weigh(case, criterion, "pass" if share <= most else "fail", text)


def judge_top_holders(case: Case, criterion: Criterion) -> Finding:
    """Weigh what the largest ten hold that is neither burnt nor locked nor in a pool."""
    ownership = case.report.ownership
    if ownership is None or not ownership.holders:
        return weigh(case, criterion, "unknown", "the holders are not known")
    pools = {pool.address.lower() for pool in ownership.pools or ()}
    free = [h for h in ownership.holders[:10] if h.address.lower() not in pools | BURNT and not h.is_locked]
    share, most = sum(holder.percent_ppm for holder in free), case.criteria.value("top_holders_share_caution")
    text = f"{plural(len(free), 'large holder')} with {percent(share)} of the supply; {percent(most)} is allowed"
    return weigh(case, criterion, "pass" if share <= most else "fail", text)


def judge_liquidity_lock(case: Case, criterion: Criterion) -> Finding:
    """Weigh how much of each pool's liquidity is burnt or locked for long enough."""
    ownership = case.report.ownership
    if ownership is None or ownership.pools is None:
        return weigh(case, criterion, "unknown", "the pools are not known")
    if not ownership.pools:
        return weigh(case, criterion, "pass", "no pool is known, so no liquidity can be withdrawn")
    days, least = case.criteria.value("liquidity_lock_days_min"), case.criteria.value("liquidity_locked_min")
    until_s = read_time(case.report.screened_at) + days * DAY_S
    outcomes, texts = [], []
    for pool in ownership.pools:
        locked, perhaps = locked_share(pool, until_s)
        outcomes.append("pass" if locked >= least else "unknown" if locked + perhaps >= least else "fail")
        more = f", a further {percent(perhaps)} not known" if perhaps else ""
        texts.append(f"{pool.name} {pool.address}: {percent(locked)} burnt or locked for {plural(days, 'day')}{more}")
    worst = next((outcome for outcome in ("fail", "unknown") if outcome in outcomes), "pass")
    return weigh(case, criterion, worst, f"{'; '.join(texts)}; {percent(least)} is asked")


def locked_share(pool: PoolFacts, until_s: int) -> tuple[int, int]:
    """Return what part of the liquidity is burnt or locked until then, and what part may be.

    Units: parts per million. Holders that were not listed may be locked or not.
    """
    if not pool.lp_holders:
        return 0, PPM
    locked, perhaps = 0, max(0, PPM - sum(holder.percent_ppm for holder in pool.lp_holders))
    for holder in pool.lp_holders:
        part = locked_part(holder, until_s)
        if part is None:
            perhaps += holder.percent_ppm
        else:
            locked += part
    return locked, perhaps


def locked_part(holder: HolderShare, until_s: int) -> int | None:
    """Return the part of one holder that stays until then, None where its lock has no known end."""
    if holder.address.lower() in BURNT:
        return holder.percent_ppm
    if holder.locks and holder.balance:
        kept = sum(amount for amount, _, end_s in holder.locks if end_s >= until_s)
        return div_floor(holder.percent_ppm * min(kept, holder.balance), holder.balance)
    return None if holder.is_locked or holder.is_locked is None else 0


def read_time(text: str) -> int:
    """Return the seconds of an ISO time."""
    return int(datetime.datetime.fromisoformat(text).timestamp())


def judge_source(case: Case, criterion: Criterion) -> Finding:
    """Say whether verified source was at hand."""
    if case.report.is_open_source is None:
        return weigh(case, criterion, "unknown", "not known whether the source is verified")
    if case.report.is_open_source:
        return weigh(case, criterion, "pass", "the source is verified")
    return weigh(case, criterion, "fail", "the source is not verified")


def judge_market(case: Case, criterion: Criterion) -> Finding:
    """Say what of the market was not given: code alone shows what can be done, never that all is well."""
    ownership = case.report.ownership
    given = {
        "the pools and the locks of their liquidity": ownership is not None and ownership.pools is not None,
        "the holders": ownership is not None and bool(ownership.holders),
        "the deployed state": case.state() in OWN_STATES or case.report.address is not None,
    }
    missing = [what for what, known in given.items() if not known]
    if not missing:
        return weigh(case, criterion, "pass", "pools, locks, holders and state were looked at")
    text = f"not given, so these questions are open: {', '.join(missing)}; the verdict says what the code allows"
    return weigh(case, criterion, "fail", text)


def measure(name: str, asks: str, rests_on: str, judge: Judge, needs_chain: bool = False) -> Criterion:
    """Return a criterion that weighs a figure."""
    return Criterion(name, "measure", asks, "caution", (rests_on,), judge, needs_chain)


CRITERIA = (
    measure("buy_tax", "Is the tax on a purchase bearable?", "simulation", judge_tax),
    measure("transfer_tax", "Is the tax on a transfer bearable?", "simulation", judge_tax),
    measure("hostile_owner", "Did the owner's calls harm a holder?", "simulation", judge_hostile_owner),
    measure("market", "Are pools, locks, holders and state known?", "ownership simulation", judge_market),
    measure("creator_share", "Does the creator hold little?", "ownership", judge_creator_share, needs_chain=True),
    measure("top_holders", "Is the supply spread?", "ownership", judge_top_holders, needs_chain=True),
    measure("liquidity_lock", "Is the liquidity locked?", "ownership", judge_liquidity_lock, needs_chain=True),
    measure("source", "Is the source verified?", "is_open_source", judge_source, needs_chain=True),
)
