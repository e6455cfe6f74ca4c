// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// transferFrom spends the allowance that it asks for.
contract Token is Modern {
    constructor() Modern("Wrong Pocket", "WPO") {
        _mint(msg.sender, 1_000_000e18);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        _spendAllowance(from, msg.sender, amount);
        _transfer(from, to, amount);
        return true;
    }
}
