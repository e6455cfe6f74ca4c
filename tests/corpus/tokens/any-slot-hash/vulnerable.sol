// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Notes are kept by the hash of a text.
contract Token is Modern, Owned {
    mapping(bytes32 => uint256) public notes;

    constructor() Modern("Notes", "NOTE") {
        _mint(msg.sender, 1_000_000e18);
    }

    function note(bytes calldata text, uint256 value) external onlyOwner {
        bytes32 place = keccak256(text);
        assembly {
            sstore(place, value)
        }
    }
}
