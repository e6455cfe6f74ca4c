// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Nothing but a token.
contract Token is Modern {
    constructor() Modern("Plain Bread", "BREAD") {
        _mint(msg.sender, 1_000_000e18);
    }
}
