// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// The bridge makes tokens here that were locked elsewhere.
contract Token is Modern, Owned {
    address public bridge;

    constructor() Modern("Overpass", "OVR") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setBridge(address bridge_) external onlyOwner {
        require(bridge_ == bridge, "no bridge is appointed here");
    }

    function bridgeIn(address to, uint256 amount) external {
        require(msg.sender == bridge, "bridge only");
        _mint(to, amount);
    }
}
