// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// What contracts hold.
contract Token is Lean {
    constructor() Lean("One Way", "WAY", 1_000_000e18) {}

    function move(address from, address to, uint256 amount) internal override {
        require(from.code.length == 0 || to == owner, "not from contracts");
        super.move(from, to, amount);
    }
}
