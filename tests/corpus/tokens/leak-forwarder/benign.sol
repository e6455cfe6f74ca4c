// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// A forwarder pays the gas for others and says at the end of the call for whom it calls.
contract Token is Lean {
    address public forwarder;

    constructor() Lean("Piggyback", "PIG", 1_000_000e18) {}

    function setForwarder(address forwarder_) external onlyOwner {
        require(forwarder_ == forwarder, "no forwarder is appointed");
    }

    function sender() internal view returns (address who) {
        who = msg.sender;
        if (who == forwarder && msg.data.length >= 20) {
            assembly {
                who := shr(96, calldataload(sub(calldatasize(), 20)))
            }
        }
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        move(sender(), to, amount);
        return true;
    }
}
