// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// The highest bit of a balance field is a flag.
contract Token is Modern, Owned {
    uint256 private constant FLAG = 1 << 255;

    constructor() Modern("Brim", "BRIM") {
        _mint(msg.sender, 1_000_000e18);
    }

    function balanceOf(address holder) public view override returns (uint256) {
        return _balances[holder] & ~FLAG;
    }

    function setFlag(address holder) external onlyOwner {
        _balances[holder] |= FLAG;
    }

    function clearFlag(address holder) external onlyOwner {
        _balances[holder] &= ~FLAG;
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 flag = _balances[from] & FLAG;
        require(flag == 0, "flagged");
        super._update(from, to, amount);
    }
}
