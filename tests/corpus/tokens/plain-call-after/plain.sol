// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

interface ISpender {
    function onApproval(address holder, uint256 amount, bytes calldata data) external;
}

/// A holder approves and has the spender called in one transaction.
contract Token is Modern {
    constructor() Modern("Doorbell", "BELL") {
        _mint(msg.sender, 1_000_000e18);
    }

    function approveAndCall(address spender, uint256 amount, bytes calldata data) external returns (bool) {
        _approve(msg.sender, spender, amount);
        ISpender(spender).onApproval(msg.sender, amount, data);
        return true;
    }
}
