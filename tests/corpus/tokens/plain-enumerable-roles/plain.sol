// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";

/// Members of roles stand in lists; whoever leaves is swapped with the last.
contract Token is Modern {
    mapping(bytes32 => bytes32[]) private members;
    mapping(bytes32 => mapping(address => uint256)) private places;
    bool public paused;
    bytes32 private constant PAUSER = keccak256("PAUSER");
    bytes32 private constant MINTER = keccak256("MINTER");

    constructor() Modern("Members", "MEM") {
        _mint(msg.sender, 1_000_000e18);
        enter(PAUSER, msg.sender);
        enter(MINTER, msg.sender);
    }

    modifier only(bytes32 role) {
        require(places[role][msg.sender] != 0, "role");
        _;
    }

    function grant(bytes32 role, address account) external only(role) {
        enter(role, account);
    }

    function leave(bytes32 role) external {
        uint256 place = places[role][msg.sender];
        if (place == 0) return;
        bytes32[] storage list = members[role];
        bytes32 last = list[list.length - 1];
        list[place - 1] = last;
        places[role][address(uint160(uint256(last)))] = place;
        list.pop();
        delete places[role][msg.sender];
    }

    function pause(bool on) external only(PAUSER) {
        paused = on;
    }

    function mint(address to, uint256 amount) external only(MINTER) {
        _mint(to, amount);
    }

    function enter(bytes32 role, address account) private {
        if (places[role][account] != 0) return;
        members[role].push(bytes32(uint256(uint160(account))));
        places[role][account] = members[role].length;
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!paused, "paused");
        super._update(from, to, amount);
    }
}
