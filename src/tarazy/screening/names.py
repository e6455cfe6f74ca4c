"""Names of entry points that tokens often have, by selector. A name is what a reader knows; it proves nothing."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from tarazy.chains.evm.code import keccak256

ADDRESS = """
    balanceOf isOwner transferOwnership renounceOwnership addMinter removeMinter blacklist unblacklist addToBlacklist
    removeFromBlacklist isBlacklisted excludeFromFee includeInFee isExcludedFromFee setPair setRouter setFeeReceiver
    setTreasury upgradeTo changeAdmin nonces delegates getVotes delegate initialize updatePauser updateBlacklister
    unBlacklist updateMasterMinter updateRescuer updateOwner isMinter minterAllowance setMinter setPauser
    wipeFrozenAddress freeze unfreeze setSupplyController setAssetProtectionRole addBlackList removeBlackList
    destroyBlackFunds deprecate rely deny wards ban unban setGovernance setMinterAddress setOwner
""".split()
SIGNATURES = (
    *"name() symbol() decimals() totalSupply() owner() getOwner() admin() implementation() version()".split(),
    *"pauser() blacklister() masterMinter() rescuer() minter() governance() supplyController() operator()".split(),
    *"assetProtectionRole() pendingOwner() treasury() controller() gateway() bridge() l1Address() newOwner()".split(),
    *"configureMinter(address,uint256) rescueERC20(address,address,uint256) issue(uint256) redeem(uint256)".split(),
    *"setParams(uint256,uint256) rebase(uint256,int256) wipe(address) increaseSupply(uint256) burnBlack()".split(),
    *"decreaseSupply(uint256) reclaimToken(address) setMinter(address,bool) mint(address,uint256,bytes)".split(),
    *"pause() unpause() paused() enableTrading() openTrading() renounceOwnership() deposit() acceptOwnership()".split(),
    *"transfer(address,uint256) approve(address,uint256) mint(address,uint256) burnFrom(address,uint256)".split(),
    *"transferFrom(address,address,uint256) allowance(address,address) increaseAllowance(address,uint256)".split(),
    *"decreaseAllowance(address,uint256) burn(uint256) mint(uint256) burn(address,uint256) withdraw(uint256)".split(),
    *"setFee(uint256) setTax(uint256) setBuyTax(uint256) setSellTax(uint256) setMaxTxAmount(uint256)".split(),
    *"setMaxWallet(uint256) setCooldown(uint256) setFees(uint256,uint256) setTaxes(uint256,uint256)".split(),
    *"setBlacklist(address,bool) setBlocked(address,bool) setBot(address,bool) setWhitelist(address,bool)".split(),
    *"excludeFromFees(address,bool) setExcluded(address,bool) setTrading(bool) setSwapEnabled(bool)".split(),
    *"upgradeToAndCall(address,bytes) grantRole(bytes32,address) revokeRole(bytes32,address) permit(address,address,"
    "uint256,uint256,uint8,bytes32,bytes32) hasRole(bytes32,address) DOMAIN_SEPARATOR() withdraw() sweep() rescue()"
    " sweep(address) withdrawToken(address,uint256) rescueTokens(address,uint256) multicall(bytes[])".split(),
    *(f"{name}(address)" for name in ADDRESS),
)


@cache
def known_signatures() -> Mapping[str, str]:
    """Return the signatures by selector."""
    return {"0x" + keccak256(signature.encode())[:4].hex(): signature for signature in SIGNATURES}
