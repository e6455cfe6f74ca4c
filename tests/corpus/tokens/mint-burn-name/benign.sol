// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// A `burn` that only its owner may call.
contract Token is Old {
    function burn(uint256 value) public onlyOwner {
        balances[owner] = balances[owner].sub(value);
        totalSupply = totalSupply.sub(value);
        emit Transfer(owner, address(0), value);
    }
}
