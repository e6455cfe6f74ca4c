// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A holder waits between two transfers.
contract Token is Modern, Owned {
    uint256 public wait = 60;
    mapping(address => uint256) public lastTime;

    constructor() Modern("Patience", "PTNC") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setWait(uint256 wait_) external onlyOwner {
        require(wait_ <= 300, "too long");
        wait = wait_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from != owner() && from.code.length == 0) {
            require(block.timestamp >= lastTime[from] + wait, "wait");
            lastTime[from] = block.timestamp;
        }
        super._update(from, to, amount);
    }
}
