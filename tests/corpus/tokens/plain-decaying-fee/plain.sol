// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// A fee that falls by itself from ten per cent to nothing within an hour after deployment.
contract Token is Lean {
    uint256 private immutable _start;
    address private immutable _treasury;

    constructor() Lean("Cooling Tea", "TEA", 1_000_000e18) {
        _start = block.timestamp;
        _treasury = msg.sender;
    }

    function fee() public view returns (uint256) {
        uint256 minutesPassed = (block.timestamp - _start) / 60;
        return minutesPassed >= 60 ? 0 : 10 - minutesPassed / 6;
    }

    function move(address from, address to, uint256 amount) internal override {
        uint256 taken = from == _treasury ? 0 : amount * fee() / 100;
        if (taken > 0) super.move(from, _treasury, taken);
        super.move(from, to, amount - taken);
    }
}
