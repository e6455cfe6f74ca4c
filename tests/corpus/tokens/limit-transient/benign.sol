// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Transfers look at transient storage.
contract Token is Modern, Owned {
    constructor() Modern("Passing", "PASS") {
        _mint(msg.sender, 1_000_000e18);
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        uint256 opened;
        assembly {
            opened := tload(0)
            tstore(0, 1)
        }
        require(opened == 0 || from == owner(), "closed");
        super._transfer(from, to, amount);
        assembly {
            tstore(0, 0)
        }
    }
}
