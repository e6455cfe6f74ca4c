// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

/// Balances as they were at numbered moments.
contract Token is Modern, Owned {
    uint256 public current;
    mapping(address => uint256[]) private _moments;
    mapping(address => uint256[]) private _values;

    constructor() Modern("Photograph", "PHOTO") {
        _mint(msg.sender, 1_000_000e18);
    }

    function snapshot() external onlyOwner returns (uint256) {
        return ++current;
    }

    function balanceOfAt(address holder, uint256 moment) external view returns (uint256) {
        uint256[] storage moments = _moments[holder];
        for (uint256 i = 0; i < moments.length; i++) {
            if (moments[i] >= moment) return _values[holder][i];
        }
        return balanceOf(holder);
    }

    function _update(address from, address to, uint256 amount) internal override {
        note(from);
        note(to);
        super._update(from, to, amount);
    }

    function note(address holder) private {
        uint256[] storage moments = _moments[holder];
        if (current > 0 && (moments.length == 0 || moments[moments.length - 1] < current)) {
            moments.push(current);
            _values[holder].push(_balances[holder]);
        }
    }
}
