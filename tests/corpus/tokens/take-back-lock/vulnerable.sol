// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// The owner locks his rights for a time.
contract Token is Lean {
    address private _previous;
    uint256 public lockedUntil;

    constructor() Lean("Deposit Box", "DBOX", 1_000_000e18) {}

    function lock(uint256 time) external onlyOwner {
        _previous = owner;
        owner = address(0);
        lockedUntil = block.timestamp + time;
    }

    function unlock() external {
        require(_previous == msg.sender, "not the previous owner");
        require(block.timestamp > lockedUntil, "locked");
        owner = _previous;
    }
}
