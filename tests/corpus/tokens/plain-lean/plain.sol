// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Nothing but a token, compiled for speed.
contract Token is Lean {
    constructor() Lean("Plain Salt", "SALT", 1_000_000e18) {}
}
