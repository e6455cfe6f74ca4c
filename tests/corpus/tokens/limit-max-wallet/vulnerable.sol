// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// The largest holding.
contract Token is Lean {
    uint256 public maxWallet = 1_000_000e18;

    constructor() Lean("Even Share", "EVEN", 1_000_000e18) {}

    function setMaxWallet(uint256 value) external onlyOwner {
        maxWallet = value;
    }

    function move(address from, address to, uint256 amount) internal override {
        if (from != owner && to != owner) {
            require(balanceOf[to] + amount <= maxWallet, "too much for one");
        }
        super.move(from, to, amount);
    }
}
