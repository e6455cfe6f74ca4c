// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Ether in, tokens out, and back.
contract Token is Lean {
    constructor() Lean("Wrapped Water", "WWTR", 0) {}

    receive() external payable {
        deposit();
    }

    function deposit() public payable {
        balanceOf[msg.sender] += msg.value;
        totalSupply += msg.value;
        emit Transfer(address(0), msg.sender, msg.value);
    }

    function withdraw(uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        totalSupply -= amount;
        emit Transfer(msg.sender, address(0), amount);
        (bool sent, ) = msg.sender.call{value: amount}("");
        require(sent, "not sent");
    }

    function rescue() external onlyOwner {
        uint256 surplus = address(this).balance - totalSupply;
        (bool sent, ) = msg.sender.call{value: surplus}("");
        require(sent, "not sent");
    }
}
