// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// The allowance is lowered by what was spent.
contract Token is Old {
    function transferFrom(address from, address to, uint256 value) public returns (bool) {
        require(to != address(0));
        balances[from] = balances[from].sub(value);
        balances[to] = balances[to].add(value);
        allowed[from][msg.sender] = allowed[from][msg.sender].sub(value);
        emit Transfer(from, to, value);
        return true;
    }
}
