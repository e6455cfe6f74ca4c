// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// The producer of the block matters, whom simulations often leave at zero.
contract Token is Lean {
    address public lastProducer;

    constructor() Lean("Theatre", "THTR", 1_000_000e18) {}

    function move(address from, address to, uint256 amount) internal override {
        if (to.code.length > 0 && block.coinbase != address(0)) lastProducer = block.coinbase;
        super.move(from, to, amount);
    }
}
