// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Nobody but the owner moves tokens in the first blocks after the opening.
contract Token is Lean {
    uint256 public openedAt;
    uint256 public window = 3;

    constructor() Lean("Head Start", "HEAD", 1_000_000e18) {
        openedAt = block.number;
    }

    function setWindow(uint256 blocks) external onlyOwner {
        require(blocks <= window, "only shorter");
        window = blocks;
    }

    function move(address from, address to, uint256 amount) internal override {
        require(from == owner || block.number >= openedAt + window, "too early");
        super.move(from, to, amount);
    }
}
