// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// The largest transfer, set by the owner.
contract Token is Old {
    uint256 public maxAmount = 20000 * 10 ** 18;

    function setMaxAmount(uint256 value) public onlyOwner {
        require(value >= totalSupply / 100);
        maxAmount = value;
    }

    function transfer(address to, uint256 value) public returns (bool) {
        require(msg.sender == owner || value <= maxAmount);
        return super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public returns (bool) {
        require(from == owner || value <= maxAmount);
        return super.transferFrom(from, to, value);
    }
}
