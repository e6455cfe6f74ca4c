// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Settings are a list.
contract Token is Modern, Owned {
    uint256[] public settings;

    constructor() Modern("List of settings", "LIST") {
        _mint(msg.sender, 1_000_000e18);
    }

    function add(uint256 value) external onlyOwner {
        settings.push(value);
    }

    function setting(uint256 index, uint256 value) external onlyOwner {
        settings[index] = value;
    }
}
