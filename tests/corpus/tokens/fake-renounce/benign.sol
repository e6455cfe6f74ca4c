// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// The owner makes tokens until ownership is given up.
contract Token is Modern, Owned {
    bool private _gone;

    constructor() Modern("Last Goodbye", "BYE") {
        _mint(msg.sender, 1_000_000e18);
    }

    function owner() public view override returns (address) {
        return _gone ? address(0) : super.owner();
    }

    function renounceOwnership() public override onlyOwner {
        _gone = true;
        _setOwner(address(0));
    }

    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }
}
