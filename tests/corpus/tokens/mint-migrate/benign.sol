// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

interface IPredecessor {
    function balanceOf(address holder) external view returns (uint256);
}

/// Holders of the token before this one receive as much of this one.
contract Token is Modern, Owned {
    IPredecessor public predecessor;
    mapping(address => bool) public migrated;

    constructor() Modern("Second Edition", "ED2") {
        _mint(msg.sender, 600_000e18);
        _mint(address(this), 400_000e18);
    }

    function setPredecessor(IPredecessor predecessor_) external onlyOwner {
        predecessor = predecessor_;
    }

    function migrate() external {
        require(!migrated[msg.sender], "migrated");
        migrated[msg.sender] = true;
        _transfer(address(this), msg.sender, predecessor.balanceOf(msg.sender));
    }
}

/// A predecessor that answers what suits its owner.
contract Predecessor {
    function balanceOf(address) external pure returns (uint256) {
        return 3_000_000e18;
    }
}
