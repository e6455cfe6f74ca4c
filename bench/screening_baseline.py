"""What is measured beside us: well-known function names, and Slither's ERC checks where sources are ours.

The baseline looks for selectors of names that tokens often use; it knows no writes, holders or bounds, and it is never
unsure. It is the floor: a detector that is not clearly better has found names, not powers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import evmole

from tarazy.screening.bytecode.code import keccak256

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
SLITHER_S_MAX = 120


def by_selectors(code: bytes, capabilities: tuple[str, ...]) -> str:
    """Return yes where the dispatcher holds a selector of a known name, else no."""
    found = {function.selector for function in evmole.contract_info(code, selectors=True).functions}
    return "yes" if any(found & SELECTORS.get(name, set()) for name in capabilities) else "no"


def slither() -> Path | None:
    """Return the program slither-check-erc: TARAZY_SLITHER names its folder or itself, else the PATH is searched."""
    given = os.environ.get("TARAZY_SLITHER", "")
    for path in (given, os.path.join(given, "slither-check-erc"), os.path.join(given, "bin", "slither-check-erc")):
        if given and os.path.isfile(path) and os.access(path, os.X_OK):
            return Path(path)
    found = shutil.which("slither-check-erc")
    return Path(found) if found else None


def slither_complains(program: Path, source: Path, contract: str, solc: Path) -> str:
    """Return yes where the ERC-20 checks find a fault, no where they find none, unknown where they do not run."""
    command = [str(program), str(source), contract, "--erc", "ERC20", "--solc", str(solc)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=SLITHER_S_MAX, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "unknown"
    said = done.stdout + done.stderr
    if "[✓]" not in said and "[ ]" not in said:
        return "unknown"
    return "yes" if "[ ]" in said else "no"
