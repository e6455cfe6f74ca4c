// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Something stays behind at every sender.
contract Token is Lean {
    uint256 private constant REST = 1e15;

    constructor() Lean("Sticky", "STKY", 1_000_000e18) {}

    function move(address from, address to, uint256 amount) internal override {
        require(balanceOf[from] >= amount + REST, "leave a rest");
        super.move(from, to, amount);
    }
}
