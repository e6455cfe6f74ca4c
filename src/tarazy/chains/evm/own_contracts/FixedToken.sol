// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.25;

import "./Erc20.sol";

/// Fixed supply and nothing else.
contract FixedToken is Erc20 {
    constructor(string memory name_, string memory symbol_, uint8 decimals_, uint256 supply, address holder)
        Erc20(name_, symbol_, decimals_, supply, holder)
    {}
}
