// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Takes ether from whoever sends it.
contract Token is Lean {
    mapping(address => uint256) public donated;

    constructor() Lean("Wishing Well", "WISH", 1_000_000e18) {}

    receive() external payable {
        donated[msg.sender] += msg.value;
    }

    function takeBack() external onlyOwner {
        uint256 amount = address(this).balance;
        donated[msg.sender] = 0;
        (bool sent, ) = msg.sender.call{value: amount}("");
        require(sent, "not sent");
    }
}
