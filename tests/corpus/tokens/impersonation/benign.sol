// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// A name.
contract Token is Modern {
    constructor() Modern("Tethys Foam", "FOAM") {
        _mint(msg.sender, 1_000_000e18);
    }
}
