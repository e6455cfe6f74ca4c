// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// Answers as tokens of 2016 do: name and symbol are 32 bytes, and the owner has another name.
contract OldStyle {
    bytes32 public constant name = "Old token";
    bytes32 public constant symbol = "OLD";
    uint256 public constant decimals = 300;
    address public getOwner = msg.sender;

    /// An entry point that uses up all gas it is given.
    function totalSupply() external pure returns (uint256) {
        while (true) {}
        return 1;
    }
}

/// Answers nonsense wherever it can.
contract Nonsense {
    fallback() external {
        assembly {
            mstore(0, not(0))
            mstore(32, not(0))
            return(0, 64)
        }
    }
}

/// Has a text that no reader should print as it is.
contract Rude {
    uint8 public constant decimals = 0;

    function name() external pure returns (string memory) {
        bytes memory raw = hex"1b5b324a4576696cff";
        return string(raw);
    }

    function symbol() external pure returns (string memory) {
        bytes memory long = new bytes(100_000);
        for (uint256 i = 0; i < 100_000; i += 32) {
            assembly {
                mstore(add(add(long, 32), i), 0x4141414141414141414141414141414141414141414141414141414141414141)
            }
        }
        return string(long);
    }
}

/// Makes tokens, so that the creator is a contract.
contract Maker {
    address public made;

    function make() external {
        made = address(new Silent());
    }
}

/// Has code and writes no event when it is made.
contract Silent {
    uint256 public totalSupply = 1;
}
