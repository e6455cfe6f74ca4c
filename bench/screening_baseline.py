"""The selector baseline that is measured beside us: well-known names of functions.

It looks for selectors of names that tokens often use; it knows no writes, holders or bounds, and it is never
unsure. It is the floor: a detector that is not clearly better has found names, not powers.
"""

from __future__ import annotations

import evmole

from tarazy.chains.evm.code import keccak256

ADDRESS_AND_AMOUNT = "(address,uint256)"
NAMES: dict[str, tuple[str, ...]] = {
    "mint": (
        *(name + ADDRESS_AND_AMOUNT for name in ("mint", "mintToken", "mintTokens", "issueTokens", "generateTokens")),
        *(name + "(uint256)" for name in ("mint", "mintToken", "issue", "increaseSupply", "createTokens")),
    ),
    "burn": ("destroyBlackFunds(address)", "destroy(address,uint256)", "destroyTokens(address,uint256)"),
    "balance_change": (
        *("setBalance(address,uint256)", "destroyBlackFunds(address)"),
        *("forceTransfer(address,address,uint256)", "setBalances(address[],uint256[])"),
    ),
    "limit": (
        *("pause()", "unpause()", "stop()", "start()", "freeze()", "setPause(bool)", "enableTransfer(bool)"),
        *("enableTransfers(bool)", "disableTransfer()", "enableTrading()", "openTrading()", "setTradingEnabled(bool)"),
        *("freezeAccount(address,bool)", "freeze(address)", "freezeAccount(address)", "freezeAccounts(address[],bool)"),
        *("addBlackList(address)", "blacklist(address)", "addToBlacklist(address)", "setBlacklist(address,bool)"),
        *("blacklistAddress(address,bool)", "setBot(address,bool)", "setBots(address[])", "addBots(address[])"),
        *("setMaxTxAmount(uint256)", "setMaxTxPercent(uint256)", "setSellTax(uint256)", "setFees(uint256,uint256)"),
        *("setTaxFeePercent(uint256)", "setFee(uint256)", "lock(address,uint256)", "setTransferAllowed(bool)"),
    ),
    "leak": (
        *("withdrawToken(address,uint256)", "withdrawTokens(address,uint256)", "drain()", "sweep(address)"),
        *("transferAnyERC20Token(address,uint256)", "recoverERC20(address,uint256)", "rescueTokens(address)"),
        *("withdraw()", "withdraw(uint256)", "withdrawAll()", "claimTokens(address)", "emergencyWithdraw()"),
        *("manualSend()", "manualsend()"),
    ),
}  # fmt: skip
SELECTORS = {flag: {keccak256(name.encode())[:4].hex() for name in names} for flag, names in NAMES.items()}


def by_selectors(code: bytes, capabilities: tuple[str, ...]) -> str:
    """Return yes where the dispatcher holds a selector of a known name, else no."""
    found = {function.selector for function in evmole.contract_info(code, selectors=True).functions or ()}
    return "yes" if any(found & SELECTORS.get(name, set()) for name in capabilities) else "no"
