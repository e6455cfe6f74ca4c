// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// Hands every call that no function takes to another contract's code, on this contract's storage.
abstract contract Forwarding {
    function target() internal view virtual returns (address);

    function read(bytes32 slot) internal view returns (address value) {
        assembly {
            value := sload(slot)
        }
    }

    function write(bytes32 slot, address value) internal {
        assembly {
            sstore(slot, value)
        }
    }

    function begin(address logic, string memory name, string memory symbol) internal {
        bytes memory call = abi.encodeWithSignature("initialise(string,string,address)", name, symbol, msg.sender);
        (bool done, ) = logic.delegatecall(call);
        require(done, "not initialised");
    }

    function forward() internal {
        address code = target();
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), code, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) { revert(0, returndatasize()) }
            return(0, returndatasize())
        }
    }

    fallback() external payable {
        forward();
    }
}
