// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// Tokens are made until that is finished.
contract Token is Old {
    bool public mintingFinished = true;

    function mint(address to, uint256 value) public onlyOwner returns (bool) {
        require(!mintingFinished);
        totalSupply = totalSupply.add(value);
        balances[to] = balances[to].add(value);
        emit Transfer(address(0), to, value);
        return true;
    }

    function finishMinting() public onlyOwner {
        mintingFinished = true;
    }
}
