// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Reflect.sol";

/// Two per cent of every transfer are shared by all; the owner can do nothing.
contract Token is Reflect {
    constructor() public Reflect("Common Pot", "POT") {}
}
