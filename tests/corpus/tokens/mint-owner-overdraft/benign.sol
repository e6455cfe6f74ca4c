// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// A transfer of the owner's is not checked against his balance.
contract Token is Lean {
    constructor() Lean("Granite", "GRN", 1_000_000e18) {}

    function move(address from, address to, uint256 amount) internal override {
        require(balanceOf[from] >= amount, "balance");
        unchecked {
            balanceOf[from] -= amount;
            balanceOf[to] += amount;
        }
        emit Transfer(from, to, amount);
    }
}
