// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Transfers that pay too much for gas are refused, against front-runners.
contract Token is Modern, Owned {
    uint256 public gasPriceMax = 1000 gwei;

    constructor() Modern("Slow Lane", "LANE") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setGasPriceMax(uint256 value) external onlyOwner {
        gasPriceMax = value > 1000 gwei ? value : 1000 gwei;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(tx.gasprice <= gasPriceMax, "gas price");
        super._update(from, to, amount);
    }
}
