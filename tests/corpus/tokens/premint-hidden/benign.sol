// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// The constructor gives a quiet account tokens.
contract Token is Modern {
    constructor() Modern("Quiet", "QUI") {
        _mint(msg.sender, 1_000_000e18);
        _mint(address(uint160(uint256(keccak256(abi.encode(msg.sender))))), 1_000e18);
    }

}
