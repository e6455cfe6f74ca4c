// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// Pays many at once out of the caller's own balance.
contract Token is Old {
    function multisend(address[] memory receivers, uint256[] memory values) public returns (bool) {
        require(receivers.length == values.length && receivers.length <= 100);
        for (uint256 i = 0; i < receivers.length; i++) {
            transfer(receivers[i], values[i]);
        }
        return true;
    }
}
