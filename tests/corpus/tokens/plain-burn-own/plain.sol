// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Holders burn their own tokens, or those that others allowed them.
contract Token is Modern {
    constructor() Modern("Candle", "CNDL") {
        _mint(msg.sender, 1_000_000e18);
    }

    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    function burnFrom(address holder, uint256 amount) external {
        _spendAllowance(holder, msg.sender, amount);
        _burn(holder, amount);
    }
}
