// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A switch between two rates.
contract Token is Modern, Owned {
    address public immutable treasury = address(0xC0FFEE);
    bool public busy;

    constructor() Modern("Two rates", "TWO") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setBusy(bool on) external onlyOwner {
        busy = on;
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        uint256 taken = from == owner() ? 0 : (amount * (busy ? 4 : 2)) / 100;
        super._transfer(from, to, amount - taken);
        if (taken > 0) super._transfer(from, treasury, taken);
    }
}
