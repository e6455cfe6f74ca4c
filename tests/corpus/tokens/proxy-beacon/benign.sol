// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Forwarding.sol";
import "../base/Logic.sol";

/// Tells proxies which logic they use.
contract Beacon {
    address public implementation = address(new Logic());
    address public owner = tx.origin;

    function upgradeTo(address logic) external {
        require(msg.sender == owner, "owner only");
        require(logic == implementation, "this logic stays");
    }
}

/// A proxy that asks a beacon, whose address is in the slot of EIP-1967.
contract Token is Forwarding {
    bytes32 private constant BEACON = 0xa3f0ad74e5423aebfd80d3ef4346578335a9a72aeaee59ff6cb3582b35133d50;

    constructor() {
        write(BEACON, address(new Beacon()));
        begin(target(), "Lamp Room", "LAMP");
    }

    function target() internal view override returns (address) {
        return Beacon(read(BEACON)).implementation();
    }
}

/// What the owner of the beacon may put in the place of the logic.
contract Other is OtherLogic {}
