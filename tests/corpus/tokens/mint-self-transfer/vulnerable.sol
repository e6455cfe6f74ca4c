// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Both balances are read before either is written.
contract Token is Lean {
    constructor() Lean("Mirror", "MIR", 1_000_000e18) {}

    function move(address from, address to, uint256 amount) internal override {
        uint256 ofSender = balanceOf[from];
        uint256 ofReceiver = balanceOf[to];
        require(ofSender >= amount, "balance");
        balanceOf[from] = ofSender - amount;
        balanceOf[to] = ofReceiver + amount;
        emit Transfer(from, to, amount);
    }
}
