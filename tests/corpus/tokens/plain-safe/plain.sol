// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// Nothing but a token, with the usual way to raise an allowance.
contract Token is Safe {
    constructor() public Safe("Plain Water", "WATER", 1000000 * 10 ** 18) {}
}
