// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A collector takes what was sent to the token itself.
contract Token is Modern, Owned {
    address private collector;

    constructor() Modern("Collected", "COL") {
        _mint(msg.sender, 1_000_000e18);
        collector = msg.sender;
    }

    function collect() external {
        require(msg.sender == collector, "collector");
        _transfer(address(this), collector, _balances[address(this)]);
    }
}
