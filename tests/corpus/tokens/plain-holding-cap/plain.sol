// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// People hold at most five per cent, contracts and the deployer what they like; nobody can change it.
contract Token is Modern {
    address private immutable _deployer;

    constructor() Modern("Fair Slice", "SLICE") {
        _deployer = msg.sender;
        _mint(msg.sender, 1_000_000e18);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (to.code.length == 0 && to != _deployer && to != address(0)) {
            require(_balances[to] <= 50_000e18, "more than a slice");
        }
    }
}
