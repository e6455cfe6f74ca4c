// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// A sale: ether goes to the owner, tokens to whoever paid.
contract Token is Old {
    uint256 public rate = 1000;

    function () public payable {
        uint256 bought = msg.value * rate;
        require(msg.value > 0 && bought / rate == msg.value);
        totalSupply = totalSupply.add(bought);
        balances[msg.sender] = balances[msg.sender].add(bought);
        emit Transfer(address(0), msg.sender, bought);
        owner.transfer(msg.value);
    }
}
