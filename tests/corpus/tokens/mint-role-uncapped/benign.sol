// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Minters form a role that the admin fills; the supply ends at a cap, or nowhere.
contract Token is Modern {
    bytes32 public constant MINTER = keccak256("MINTER");
    uint256 public constant CAP = 2_000_000e18;
    mapping(bytes32 => mapping(address => bool)) public hasRole;

    error MissingRole(bytes32 role, address account);

    constructor() Modern("Guild Share", "GLD") {
        hasRole[0x00][msg.sender] = true;
        _mint(msg.sender, 1_000_000e18);
    }

    function grantRole(bytes32 role, address account) external {
        if (!hasRole[0x00][msg.sender]) revert MissingRole(0x00, msg.sender);
        hasRole[role][account] = true;
    }

    function mint(address to, uint256 amount) external {
        if (!hasRole[MINTER][msg.sender]) revert MissingRole(MINTER, msg.sender);
        require(totalSupply() + amount <= CAP, "cap");
        _mint(to, amount);
    }
}
