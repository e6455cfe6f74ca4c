// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Each transfer costs a twentieth of a token, whatever its size.
contract Token is Modern {
    uint256 private constant TOLL = 50e15;

    constructor() Modern("Toll", "TOLL") {
        _mint(msg.sender, 1_000_000e18);
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        require(amount >= TOLL, "less than the toll");
        super._transfer(from, address(0xFEE), TOLL);
        super._transfer(from, to, amount - TOLL);
    }
}
