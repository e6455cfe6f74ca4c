// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A list of barred holders.
contract Token is Modern, Owned {
    mapping(address => bool) public barred;

    event Barred(address indexed holder, bool on);

    constructor() Modern("Lighthouse", "LIT") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setBarred(address holder, bool on) external onlyOwner {
        barred[holder] = on;
        emit Barred(holder, on);
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!barred[from], "barred");
        super._update(from, to, amount);
    }
}
