// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Ownership passes when the next owner accepts it, and means nothing but a site's address.
contract Token is Modern, Owned {
    address public nextOwner;
    string public site;

    constructor() Modern("Handover", "HAND") {
        _mint(msg.sender, 1_000_000e18);
    }

    function transferOwnership(address next) public override onlyOwner {
        nextOwner = next;
    }

    function acceptOwnership() external {
        require(msg.sender == nextOwner, "not the next owner");
        nextOwner = address(0);
        _setOwner(msg.sender);
    }

    function renounceOwnership() public override onlyOwner {
        nextOwner = address(0);
        _setOwner(address(0));
    }

    function setSite(string calldata site_) external onlyOwner {
        site = site_;
    }
}
