// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

interface IProtector {
    function protect(address from, address to, uint256 amount) external;
}

/// A protector is asked until it is switched off for good.
contract Token is Modern, Owned {
    IProtector public protector;
    bool public enabled;
    bool public off;

    constructor() Modern("Protected", "PRO") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setProtector(IProtector protector_) external onlyOwner {
        require(address(protector) == address(0), "named already");
        protector = protector_;
    }

    function enable(bool on) external onlyOwner {
        enabled = on;
    }

    function switchOff() external onlyOwner {
        off = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (enabled && !off) protector.protect(from, to, amount);
        super._update(from, to, amount);
    }
}

/// Refuses everything.
contract Refuser {
    function protect(address, address, uint256) external pure {
        revert("refused");
    }
}
