// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// Holders stake their tokens with the token itself.
contract Token is Safe {
    using SafeMath for uint256;

    mapping(address => uint256) public stakeOf;
    uint256 public totalStake;

    constructor() public Safe("Deep Root", "ROOT", 1000000 * 10 ** 18) {}

    function stake(uint256 amount) external {
        _transfer(msg.sender, address(this), amount);
        stakeOf[msg.sender] = stakeOf[msg.sender].add(amount);
        totalStake = totalStake.add(amount);
    }

    function unstake(uint256 amount) external {
        stakeOf[msg.sender] = stakeOf[msg.sender].sub(amount);
        totalStake = totalStake.sub(amount);
        _transfer(address(this), msg.sender, amount);
    }

    function collect(uint256 amount) external onlyOwner {
        require(_balances[address(this)].sub(totalStake) >= amount, "more than is free");
        _transfer(address(this), msg.sender, amount);
    }
}
