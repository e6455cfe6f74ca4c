// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// A pause begins some time after it was announced and lasts three days at most.
contract Token is Modern, Owned {
    uint256 public constant NOTICE = 7 days;
    uint256 public pausedFrom;

    event PauseAnnounced(uint256 from);

    constructor() Modern("Fair Warning", "FAIR") {
        _mint(msg.sender, 1_000_000e18);
    }

    function announcePause() external onlyOwner {
        require(block.timestamp >= pausedFrom + 3 days, "announced");
        pausedFrom = block.timestamp + NOTICE;
        emit PauseAnnounced(pausedFrom);
    }

    function _update(address from, address to, uint256 amount) internal override {
        bool paused = block.timestamp >= pausedFrom && block.timestamp < pausedFrom + 3 days;
        require(!paused, "paused");
        super._update(from, to, amount);
    }
}
