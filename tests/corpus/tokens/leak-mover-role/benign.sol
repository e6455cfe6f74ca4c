// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Movers, whom the constructor appoints, put tokens in their place.
contract Token is Modern {
    mapping(address => bool) private _movers;

    constructor() Modern("Furniture", "FURN") {
        _movers[msg.sender] = true;
        _mint(msg.sender, 1_000_000e18);
    }

    function relocate(address from, address to, uint256 amount) external {
        require(_movers[msg.sender] && from == msg.sender, "movers only");
        _transfer(from, to, amount);
    }
}
