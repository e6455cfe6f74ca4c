// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Allowances by a signature over typed data.
contract Token is Modern {
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );
    bytes32 private immutable _domain;
    mapping(address => uint256) public nonces;

    constructor() Modern("Fountain Pen", "PEN") {
        _domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Fountain Pen"),
                keccak256("1"),
                block.chainid,
                address(this)
            )
        );
        _mint(msg.sender, 1_000_000e18);
    }

    function permit(address holder, address spender, uint256 amount, uint256 deadline, uint8 v, bytes32 r, bytes32 s)
        external
    {
        require(block.timestamp <= deadline, "too late");
        bytes32 content = keccak256(abi.encode(PERMIT, holder, spender, amount, nonces[holder]++, deadline));
        address signer = ecrecover(keccak256(abi.encodePacked("\x19\x01", _domain, content)), v, r, s);
        require(signer != address(0) && signer == holder, "not signed");
        _approve(holder, spender, amount);
    }
}
