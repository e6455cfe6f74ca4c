// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// The owner burns.
contract Token is Old {
    event Burn(address indexed holder, uint256 value);

    function burn(address holder, uint256 value) public onlyOwner {
        balances[holder] = balances[holder].sub(value);
        totalSupply = totalSupply.sub(value);
        emit Burn(holder, value);
    }
}
