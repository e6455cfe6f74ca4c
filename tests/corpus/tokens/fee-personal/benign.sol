// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Each sender has a fee of his own.
contract Token is Modern, Owned {
    mapping(address => uint256) public feeOf; // per cent

    constructor() Modern("Bespoke", "BSPK") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setFeeOf(address holder, uint256 percent) external onlyOwner {
        require(percent <= 10, "too high");
        feeOf[holder] = percent;
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 taken = amount * feeOf[from] / 100;
        if (taken > 0) super._update(from, address(this), taken);
        super._update(from, to, amount - taken);
    }
}
