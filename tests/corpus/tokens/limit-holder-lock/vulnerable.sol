// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// A holder's tokens are locked until a time.
contract Token is Old {
    mapping(address => uint256) public lockedUntil;

    function lock(address holder, uint256 time) public {
        require(msg.sender == owner);
        lockedUntil[holder] = time;
    }

    function transfer(address to, uint256 value) public returns (bool) {
        require(now >= lockedUntil[msg.sender]);
        return super.transfer(to, value);
    }

    function transferFrom(address from, address to, uint256 value) public returns (bool) {
        require(now >= lockedUntil[from]);
        return super.transferFrom(from, to, value);
    }
}
