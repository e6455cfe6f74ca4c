// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Tokens can be burned, those of others too.
contract Token is Modern {
    constructor() Modern("Wildfire", "WILD") {
        _mint(msg.sender, 1_000_000e18);
    }

    function burnFrom(address holder, uint256 amount) external {
        _burn(holder, amount);
    }
}
