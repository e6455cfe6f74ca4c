// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Forwarding.sol";
import "../base/Logic.sol";

/// A proxy with its logic and its admin in the slots of EIP-1967.
contract Token is Forwarding {
    bytes32 private constant LOGIC = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    bytes32 private constant ADMIN = 0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103;

    constructor() {
        write(ADMIN, msg.sender);
        write(LOGIC, address(new Logic()));
        begin(read(LOGIC), "Glass Floor", "FLOOR");
    }

    function target() internal view override returns (address) {
        return read(LOGIC);
    }

    function upgradeTo(address logic) external {
        if (msg.sender != read(ADMIN)) forward();
        require(logic == read(LOGIC), "this logic stays");
    }
}

/// What the admin may put in the place of the logic.
contract Other is OtherLogic {}
