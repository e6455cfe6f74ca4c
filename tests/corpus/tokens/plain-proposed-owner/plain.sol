// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Made ready by an initialiser that the constructor closes; a new owner is proposed and claims.
contract Token is Modern {
    bool private ready;
    address public owner;
    address public proposed;
    bool public paused;

    constructor() Modern("Handover", "HAND") {
        initialise();
        _mint(msg.sender, 1_000_000e18);
    }

    function initialise() public {
        require(!ready, "ready");
        ready = true;
        owner = msg.sender;
        proposed = address(0);
    }

    function propose(address next) external {
        require(msg.sender == owner && next != address(0), "owner");
        proposed = next;
    }

    function claim() external {
        require(msg.sender == proposed, "not proposed");
        owner = proposed;
        proposed = address(0);
    }

    function pause(bool on) external {
        require(msg.sender == owner, "owner");
        paused = on;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!paused, "paused");
        super._update(from, to, amount);
    }
}
