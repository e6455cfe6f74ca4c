// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

interface IPool {
    function sync() external;
}

/// Burns a part of a holding and lets the pool notice.
contract Token is Modern, Owned {
    address public pool;

    constructor() Modern("Ashes", "ASH") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setPool(address pool_) external onlyOwner {
        pool = pool_;
    }

    function shrink(uint256 amount) external onlyOwner {
        _burn(address(this), amount);
        IPool(pool).sync();
    }
}
