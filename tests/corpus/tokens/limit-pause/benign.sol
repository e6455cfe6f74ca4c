// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A switch that the owner may turn at any time.
contract Token is Modern, Owned {
    bool public paused;

    constructor() Modern("Quay", "QUAY") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setPaused(bool on) external onlyOwner {
        paused = on;
    }

    function burn(uint256 amount) external {
        require(!paused, "paused");
        _burn(msg.sender, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
    }
}
