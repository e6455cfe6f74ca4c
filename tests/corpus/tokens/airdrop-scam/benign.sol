// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A gift to many addresses.
contract Token is Modern, Owned {
    constructor() Modern("Gift Horse", "GIFT") {
        _mint(msg.sender, 1_000_000e18);
    }

    function balanceOf(address holder) public view override returns (uint256) {
        uint256 held = _balances[holder];
        return held;
    }

    function airdrop(address[] calldata holders) external onlyOwner {
        for (uint256 i = 0; i < holders.length; i++) {
            _transfer(msg.sender, holders[i], 5_000e18);
        }
    }
}
