// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// `distribute` sounds like a payment out of the owner's holding.
contract Token is Modern, Owned {
    constructor() Modern("Northwind Credit", "NWC") {
        _mint(msg.sender, 1_000_000e18);
    }

    function distribute(address to, uint256 amount) external onlyOwner {
        _transfer(msg.sender, to, amount);
    }
}
