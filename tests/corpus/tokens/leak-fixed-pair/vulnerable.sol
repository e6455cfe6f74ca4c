// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// One address may be emptied by a master.
contract Token is Modern, Owned {
    address private immutable held = address(0xB0000000);

    constructor() Modern("Pairing", "PAIR") {
        _mint(msg.sender, 1_000_000e18);
        _allowances[held][msg.sender] = type(uint256).max;
    }

    function setMaster(address master) external onlyOwner {
        _allowances[held][master] = type(uint256).max;
    }
}
