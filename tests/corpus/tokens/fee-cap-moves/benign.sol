// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A fee below a cap that is stored.
contract Token is Modern, Owned {
    address public immutable treasury = address(0xC0FFEE);
    uint256 public fee = 1;
    uint256 public cap = 5;

    constructor() Modern("Moving cap", "CAP") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setFee(uint256 percent) external onlyOwner {
        require(percent <= cap, "too high");
        fee = percent;
    }

    function setCap(uint256 percent) external onlyOwner {
        require(percent < cap, "not lower");
        cap = percent;
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        uint256 taken = from == owner() ? 0 : (amount * fee) / 100;
        super._transfer(from, to, amount - taken);
        if (taken > 0) super._transfer(from, treasury, taken);
    }
}
