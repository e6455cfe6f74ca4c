// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

interface IReceiver {
    function notify(address from, uint256 amount) external;
}

/// Another contract is told of what is sent to contracts.
contract Token is Lean {
    address public receiver;

    constructor() Lean("Town Crier", "CRY", 1_000_000e18) {}

    function setReceiver(address receiver_) external onlyOwner {
        receiver = receiver_;
    }

    function move(address from, address to, uint256 amount) internal override {
        super.move(from, to, amount);
        if (to.code.length > 0 && receiver != address(0)) {
            (bool heard, ) = receiver.call{gas: 50_000}(abi.encodeCall(IReceiver.notify, (from, amount)));
            heard; // whatever the answer is
        }
    }
}

/// A receiver that does not want to hear.
contract Refuser {
    function notify(address, uint256) external pure {
        revert("refused");
    }
}
