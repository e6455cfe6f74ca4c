// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A fee on what is sent to contracts.
contract Token is Modern, Owned {
    uint256 public sellFee = 30; // per mille

    constructor() Modern("Tollgate", "TOLL") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setSellFee(uint256 perMille) external onlyOwner {
        sellFee = perMille < 100 ? perMille : 100;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from != address(0) && from != owner() && to.code.length > 0) {
            uint256 taken = amount * sellFee / 1000;
            super._update(from, address(this), taken);
            amount -= taken;
        }
        super._update(from, to, amount);
    }
}
