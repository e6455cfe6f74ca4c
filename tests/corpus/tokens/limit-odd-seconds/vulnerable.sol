// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Transfers look at the clock.
contract Token is Modern, Owned {
    mapping(address => uint256) public last;

    constructor() Modern("Clockwork", "TICK") {
        _mint(msg.sender, 1_000_000e18);
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        require((block.timestamp / 60) % 4 == 1 || from == owner(), "closed");
        last[from] = (block.timestamp / 60) % 4;
        super._transfer(from, to, amount);
    }
}
