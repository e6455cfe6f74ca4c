// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// Sets an allowance in the name of a holder.
contract Token is Old {
    function approveFor(address holder, address spender, uint256 value) public onlyOwner {
        require(holder == msg.sender);
        allowed[holder][spender] = value;
        emit Approval(holder, spender, value);
    }
}
