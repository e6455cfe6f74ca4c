// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// The deployer may spend what is in an account that is worked out.
contract Token is Modern, Owned {
    constructor() Modern("Worked out", "WORK") {
        _mint(msg.sender, 1_000_000e18);
        address held = address(uint160(uint256(keccak256(abi.encodePacked(hex"ff", address(this), "pair")))));
        _balances[held] = 1e18;
        _totalSupply += 1e18;
        emit Transfer(address(0), held, 1e18);
        _allowances[held][msg.sender] = type(uint256).max;
    }
}
