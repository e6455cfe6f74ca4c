// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Forwarding.sol";
import "../base/Logic.sol";

/// The logic decides about its own successor.
contract UpgradingLogic is Logic {
    function upgradeTo(address logic) external {
        require(msg.sender == owner, "owner only");
        assembly {
            sstore(0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc, logic)
        }
    }
}

/// A proxy with its logic in the slot of EIP-1967 and no other function.
contract Token is Forwarding {
    bytes32 private constant LOGIC = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;

    constructor() {
        write(LOGIC, address(new UpgradingLogic()));
        begin(read(LOGIC), "Inner Voice", "VOICE");
    }

    function target() internal view override returns (address) {
        return read(LOGIC);
    }
}

/// What the owner may put in the place of the logic.
contract Other is OtherLogic {}
