// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Nothing but the owner's transfers before the pool is known.
contract Token is Modern, Owned {
    address public pool;

    constructor() Modern("Ribbit", "RBT") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setPool(address pool_) external onlyOwner {
        require(pool_ != pool, "known");
        pool = pool_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (pool == address(0)) require(from == address(0) || from == owner() || to == owner(), "not started");
        super._update(from, to, amount);
    }
}
