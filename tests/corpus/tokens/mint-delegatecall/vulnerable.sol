// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Runs the code of another contract, with an answer.
contract Token is Lean {
    constructor() Lean("Conduit", "CDT", 1_000_000e18) {}

    function execute(address target, bytes calldata data) external onlyOwner returns (bytes memory) {
        (bool done, bytes memory answer) = target.delegatecall(data);
        require(done, "failed");
        return answer;
    }
}

/// What the owner may let the token run: the fields stand as in the token.
contract Writer {
    address private owner;
    string private name;
    string private symbol;
    uint256 private totalSupply;
    mapping(address => uint256) private balanceOf;

    function put(address holder, uint256 amount) external {
        balanceOf[holder] = amount;
    }
}
