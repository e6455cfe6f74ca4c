// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Reflect.sol";

/// The fee that all holders share, set by the owner.
contract Token is Reflect {
    constructor() public Reflect("Ripple Pond", "POND") {}

    function setFee(uint256 percent) external {
        require(msg.sender == owner, "owner only");
        require(percent <= 10, "too high");
        fee = percent;
    }
}
