// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Settings are kept by number.
contract Token is Modern, Owned {
    uint256[8] public settings;

    constructor() Modern("Settings", "SET") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setting(uint256 key, uint256 value) external onlyOwner {
        settings[key] = value;
    }
}
