// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// One per cent of every transfer is destroyed; no one can change that.
contract Token is Modern {
    constructor() Modern("Worn Coin", "WORN") {
        _mint(msg.sender, 1_000_000e18);
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 worn = from == address(0) || to == address(0) ? 0 : amount / 100;
        if (worn > 0) super._update(from, address(0), worn);
        super._update(from, to, amount - worn);
    }
}
