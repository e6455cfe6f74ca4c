// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Settings are kept by number.
contract Token is Modern, Owned {
    constructor() Modern("Settings", "SET") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setting(uint256 key, uint256 value) external onlyOwner {
        assembly {
            sstore(key, value)
        }
    }
}
