// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Contracts may be paid by the owner alone, so that nobody else reaches a pool.
contract Token is Lean {
    constructor() Lean("Sea Glass", "GLASS", 1_000_000e18) {}

    function move(address from, address to, uint256 amount) internal override {
        require(to != address(this) || from == owner, "not to the token");
        super.move(from, to, amount);
    }
}
