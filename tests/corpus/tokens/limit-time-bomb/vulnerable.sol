// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// A date in the code divides two times.
contract Token is Old {
    uint256 private born = now;

    function transferFrom(address from, address to, uint256 value) public returns (bool) {
        require(from == owner || now < born + 86400);
        return super.transferFrom(from, to, value);
    }
}
