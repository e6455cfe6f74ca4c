// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// Grants are paid out over a year from what the giver put in; nobody takes them back.
contract Token is Safe {
    using SafeMath for uint256;

    struct Grant {
        uint256 amount;
        uint256 taken;
        uint256 start;
    }

    mapping(address => Grant) public grantOf;

    constructor() public Safe("Slow Harvest", "SLOW", 1000000 * 10 ** 18) {}

    function grant(address to, uint256 amount) external {
        require(grantOf[to].amount == 0 && amount > 0, "has a grant");
        _transfer(msg.sender, address(this), amount);
        grantOf[to] = Grant(amount, 0, block.timestamp);
    }

    function take() external {
        Grant storage own = grantOf[msg.sender];
        uint256 time = block.timestamp.sub(own.start);
        uint256 due = time >= 365 days ? own.amount : own.amount.mul(time).div(365 days);
        uint256 amount = due.sub(own.taken);
        own.taken = due;
        _transfer(address(this), msg.sender, amount);
    }
}
