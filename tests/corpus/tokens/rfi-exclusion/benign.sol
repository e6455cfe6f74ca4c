// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Reflect.sol";

/// Who is excluded from the shared fee keeps a fixed balance.
contract Token is Reflect {
    constructor() public Reflect("Still Water", "STILL") {}

    function exclude(address holder) external {
        require(msg.sender == owner && !isExcluded[holder], "owner only, once");
        _fixedOf[holder] = balanceOf(holder);
        isExcluded[holder] = true;
    }
}
