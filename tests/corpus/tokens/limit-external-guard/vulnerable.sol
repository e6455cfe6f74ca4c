// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

interface IGuard {
    function check(address from, address to, uint256 amount) external;
}

/// Another contract is asked about transfers.
contract Token is Modern, Owned {
    IGuard public guard;

    constructor() Modern("Second Opinion", "OPN") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setGuard(IGuard guard_) external onlyOwner {
        guard = guard_;
    }

    function preview(address from, address to, uint256 amount) public {
        if (address(guard) != address(0)) guard.check(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        preview(from, to, amount);
        super._update(from, to, amount);
    }
}

/// A guard that refuses everything.
contract Refuser {
    function check(address, address, uint256) external pure {
        revert("refused");
    }
}
