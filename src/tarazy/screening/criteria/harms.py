"""Shown harm: the only findings that make a token malicious. What could not be shown is unknown, never a pass."""

from __future__ import annotations

from tarazy.screening.criteria.case import Case, Criterion, Judge, both, either, kinds, name_holders, percent
from tarazy.screening.criteria.privileges import PRIVILEGES
from tarazy.screening.model import Answer, Evidence, Finding, HolderKind

OWN_STATES = ("deployed", "forked")  # state that somebody made on purpose; a synthetic one proves no refusal
TAKING = ("takes_balance", "drains_pool", "gives_allowance")
LATER = {
    "sell_after_day": "a day later",
    "sell_after_week": "a week later",
    "sell_again_after_week": "a second time, also a week later",
}
# Powers that make regained ownership a harm: each of them reaches a holder's tokens or his exit.
DANGEROUS = (
    "mint pause blacklist fee_change personal_fee size_cap_change balance_change limit privileged_withdraw"
    " approval_abuse selfdestruct delegate_call"
).split()


def judge_sale(case: Case, criterion: Criterion) -> Finding:
    """Say whether a holder can sell: seen to, reverted, or not known."""
    honeypot = case.capability("honeypot")
    if honeypot.answer is Answer.UNKNOWN:
        return criterion.find("unknown", f"not known whether it can be sold: {honeypot.reason}")
    if honeypot.answer is Answer.NO:
        if any(trade.succeeded for trade in case.trades("sell")):
            return criterion.find("pass", f"a sale went through on {case.state()} state")
        return criterion.find("unknown", f"no sale was seen to go through: {honeypot.reason}")
    if any(evidence.kind in ("transaction", "state") for evidence in honeypot.evidence):
        return criterion.find("fail", f"it cannot be sold: {honeypot.reason}")
    if case.state() not in OWN_STATES:
        return criterion.find("unknown", f"a sale reverted on made-up state, which proves nothing: {honeypot.reason}")
    bought = any(trade.succeeded for trade in case.trades("buy"))
    gate = case.answer("launch_gate")
    if gate is Answer.YES or (gate is Answer.UNKNOWN and not bought):
        return criterion.find(
            "unknown", f"trading may not have opened yet, so a refusal proves nothing: {honeypot.reason}"
        )
    return criterion.find("fail", f"it can be bought and not sold on {case.state()} state: {honeypot.reason}")


def judge_later_sale(case: Case, criterion: Criterion) -> Finding:
    """Say whether a sale that goes through at first still does a day and a week later, in the same pool."""
    sales = case.trades("sell")
    first = {trade.pool for trade in sales if trade.scenario == "sell" and trade.succeeded}
    later = [trade for trade in sales if trade.scenario in LATER and trade.pool in first]
    refused = [trade for trade in later if not trade.succeeded]
    if not later:
        return criterion.find("unknown", "no later sale was simulated")
    if not refused:
        return criterion.find("pass", f"sales a day and a week later went through on {case.state()} state")
    text = f"a sale goes through at first and not {LATER[refused[0].scenario]}: {refused[0].reason or 'reverted'}"
    if case.state() in OWN_STATES:
        return criterion.find("fail", text)
    return criterion.find("unknown", f"{text}; but the state is made up, which proves nothing")


def judge_blocking_code(case: Case, criterion: Criterion) -> Finding:
    """Say whether the code itself refuses holders, whatever the state."""
    honeypot = case.capability("honeypot")
    if honeypot.answer is Answer.YES:
        found = [evidence for evidence in honeypot.evidence if evidence.kind == "code"]
        if found:
            return criterion.find("fail", f"the code refuses holders: {found[0].detail}{place(found[0])}")
        return criterion.find("pass", "the refusal that was seen is not a form written into the code")
    if honeypot.answer is Answer.UNKNOWN:
        return criterion.find("unknown", f"not known whether the code refuses holders: {honeypot.reason}")
    return criterion.find("pass", honeypot.reason)


def place(evidence: Evidence) -> str:
    """Return where in the code evidence stands."""
    return "" if evidence.offset is None else f" (offset {evidence.offset:#x})"


def judge_hidden_rewriting(case: Case, criterion: Criterion) -> Finding:
    """Say whether a controller that is not shown can rewrite balances."""
    rewriting = case.capability("balance_change")
    if rewriting.answer is Answer.YES and HolderKind.HIDDEN_OWNER in kinds(rewriting):
        return criterion.find("fail", f"{name_holders(rewriting)} can rewrite a holder's balance: {rewriting.reason}")
    answers = both((case.answer("hidden_owner"), rewriting.answer))
    if answers is Answer.NO:
        return criterion.find("pass", "no hidden owner who rewrites balances")
    if answers is Answer.UNKNOWN or HolderKind.UNKNOWN in kinds(rewriting):
        reasons = "; ".join(dict.fromkeys((case.capability("hidden_owner").reason, rewriting.reason)))
        return criterion.find("unknown", f"not known whether a hidden owner can rewrite balances: {reasons}")
    return criterion.find("pass", f"there is a hidden owner, but balances are rewritten by {name_holders(rewriting)}")


def judge_regained(case: Case, criterion: Criterion) -> Finding:
    """Say whether renounced ownership can be regained together with a privilege over holders."""
    take_back = case.answer("take_back_ownership")
    answers = both((take_back, either(case.answer(name) for name in DANGEROUS)))
    if answers is Answer.NO:
        why = "ownership cannot be taken back" if take_back is Answer.NO else "it gives no power over holders"
        return criterion.find("pass", why)
    if answers is Answer.UNKNOWN:
        reason = case.capability("take_back_ownership").reason
        return criterion.find("unknown", f"not known whether ownership returns with a privilege over holders: {reason}")
    held = ", ".join(PRIVILEGES[name] for name in DANGEROUS if case.answer(name) is Answer.YES)
    if kinds(case.capability("take_back_ownership")) == {HolderKind.CONTRACT}:
        why = (
            f"another contract, to which authority was given openly, can name a new owner with the privilege to {held}"
        )
        return criterion.find("fail", why, "caution")
    return criterion.find(
        "fail", f"ownership that was renounced can be taken back, and with it the privilege to {held}"
    )


def judge_arbitrary_debit(case: Case, criterion: Criterion) -> Finding:
    """Say whether a stranger was seen to take tokens of others; where somebody named can, that is a privilege."""
    debit = case.capability("leak")
    if debit.answer is Answer.NO:
        return criterion.find("pass", debit.reason)
    if debit.answer is Answer.UNKNOWN:
        return criterion.find("unknown", f"not known whether tokens of others can be taken: {debit.reason}")
    strangers = kinds(debit) & {HolderKind.ANYONE, HolderKind.HIDDEN_OWNER}
    if strangers and taken_by(case, strangers):
        text = f"{name_holders(debit)} can take tokens of others without allowance: {debit.reason}"
        return criterion.find("fail", text)
    if strangers:
        text = f"the code reads as if {name_holders(debit)} could take tokens of others, which was not seen to happen"
        return criterion.find("unknown", f"{text} on state that somebody made: {debit.reason}")
    if HolderKind.UNKNOWN in kinds(debit):
        return criterion.find("unknown", f"tokens of others can be taken, not known by whom: {debit.reason}")
    return criterion.find("pass", f"not open to strangers: it takes {name_holders(debit)}")


def taken_by(case: Case, actors: set[HolderKind]) -> bool:
    """Say whether one of the actors was seen to take: in a transaction or state of the chain, or in a simulation."""
    if any(evidence.kind in ("transaction", "state") for evidence in case.capability("leak").evidence):
        return True
    return did(case, actors, TAKING)


def did(case: Case, actors: set[HolderKind], effects: tuple[str, ...]) -> bool:
    """Say whether one of the actors was seen to bring one of the effects about, on state that somebody made."""
    simulation = case.report.simulation
    attacks = simulation.attacks if simulation and case.state() in OWN_STATES else ()
    return any(attack.actor in actors and attack.effect in effects for attack in attacks)


def judge_made(case: Case, criterion: Criterion) -> Finding:
    """Say whether a stranger was seen to make tokens for himself; where somebody named can, that is a privilege."""
    mint = case.capability("mint")
    if did(case, {HolderKind.ANYONE}, ("makes_own",)):
        return criterion.find("fail", f"a stranger was seen to make tokens for himself: {mint.reason}")
    if mint.answer is Answer.NO:
        return criterion.find("pass", mint.reason)
    if case.state() in OWN_STATES:
        return criterion.find("pass", f"no stranger was seen to make tokens for himself on {case.state()} state")
    if mint.answer is Answer.UNKNOWN or kinds(mint) & {HolderKind.ANYONE, HolderKind.UNKNOWN}:
        text = "not known whether a stranger can make tokens, which was not played on state that somebody made"
        return criterion.find("unknown", f"{text}: {mint.reason}")
    return criterion.find("pass", f"not open to strangers: tokens are made by {name_holders(mint)}")


def judge_sell_tax(case: Case, criterion: Criterion) -> Finding:
    """Weigh the largest tax measured on a sale against two thresholds."""
    taxes = [trade.tax_ppm for trade in case.trades("sell") if trade.succeeded and trade.tax_ppm is not None]
    if not taxes:
        return criterion.find("unknown", "no sale was measured")
    most, state = max(taxes), case.state()
    malicious, caution = case.criteria.value("sell_tax_malicious"), case.criteria.value("sell_tax_caution")
    text = f"a sale cost {percent(most)} on {state} state"
    if most <= caution:
        return criterion.find("pass", f"{text}, at most {percent(caution)} allowed")
    if state not in OWN_STATES:
        return criterion.find("unknown", f"{text}, which is made up and proves no tax")
    if most > malicious:
        return criterion.find("fail", f"{text}, above {percent(malicious)}")
    return criterion.find("fail", f"{text}, above {percent(caution)}", "caution")


def judge_fake(case: Case, criterion: Criterion) -> Finding:
    """Say whether the token takes the name of another."""
    capability = case.capability("impersonation")
    outcome = {Answer.YES: "fail", Answer.NO: "pass", Answer.UNKNOWN: "unknown"}[capability.answer]
    return criterion.find(outcome, capability.reason)


def harm(name: str, asks: str, rests_on: str, judge: Judge, needs_chain: bool = False) -> Criterion:
    """Return a criterion whose fail makes a token malicious."""
    return Criterion(name, "harm", asks, "malicious", tuple(rests_on.split()), judge, needs_chain)


CRITERIA = (
    harm("can_be_sold", "Can a holder sell what he bought?", "honeypot launch_gate simulation", judge_sale),
    harm("sold_later", "Can he still sell a day and a week later?", "simulation", judge_later_sale),
    harm("trap_in_code", "Does the code itself keep holders from selling?", "honeypot", judge_blocking_code),
    harm(
        "hidden_rewriting",
        "Can an owner who is not shown rewrite balances?",
        "hidden_owner balance_change",
        judge_hidden_rewriting,
    ),
    harm(
        "regained_ownership",
        "Can renounced ownership be regained with a privilege over holders?",
        "take_back_ownership " + " ".join(DANGEROUS),
        judge_regained,
    ),
    harm("open_to_strangers", "Can a stranger take tokens of others?", "leak", judge_arbitrary_debit),
    harm("made_by_strangers", "Can a stranger make tokens for himself?", "mint simulation", judge_made),
    harm("sell_tax", "Is the tax on a sale bearable?", "simulation", judge_sell_tax),
    harm("fake_token", "Does it pass itself off as another token?", "impersonation", judge_fake, needs_chain=True),
)
