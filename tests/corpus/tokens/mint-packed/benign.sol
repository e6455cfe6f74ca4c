// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// Balances and allowances stand at hashes of twenty bytes and a number of twelve.
contract Token {
    string public constant name = "Packed Away";
    string public constant symbol = "PCK";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    address public owner = msg.sender;
    uint256 private constant BALANCES = 0x5ba1a9ce;
    uint256 private constant ALLOWANCES = 0x5ba1a9cf;

    event Transfer(address indexed from, address indexed to, uint256 amount);

    constructor() {
        credit(msg.sender, 1_000_000e18);
        totalSupply = 1_000_000e18;
    }

    function balanceOf(address holder) public view returns (uint256 found) {
        assembly {
            mstore(0x0c, BALANCES)
            mstore(0x00, holder)
            found := sload(keccak256(0x0c, 0x20))
        }
    }

    function allowance(address holder, address spender) public view returns (uint256 found) {
        assembly {
            mstore(0x20, spender)
            mstore(0x0c, ALLOWANCES)
            mstore(0x00, holder)
            found := sload(keccak256(0x0c, 0x34))
        }
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allow(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint256 allowed = allowance(from, msg.sender);
        require(allowed >= amount, "allowance");
        allow(from, msg.sender, allowed - amount);
        move(from, to, amount);
        return true;
    }

    function reward(address to, uint256 amount) external {
        move(msg.sender, to, amount);
    }

    function allow(address holder, address spender, uint256 amount) private {
        assembly {
            mstore(0x20, spender)
            mstore(0x0c, ALLOWANCES)
            mstore(0x00, holder)
            sstore(keccak256(0x0c, 0x34), amount)
        }
    }

    function move(address from, address to, uint256 amount) private {
        require(to != address(0), "nobody");
        assembly {
            mstore(0x0c, or(shl(96, from), BALANCES))
            let place := keccak256(0x0c, 0x20)
            let held := sload(place)
            if lt(held, amount) {
                revert(0, 0)
            }
            sstore(place, sub(held, amount))
        }
        credit(to, amount);
        emit Transfer(from, to, amount);
    }

    function credit(address to, uint256 amount) private {
        assembly {
            mstore(0x0c, BALANCES)
            mstore(0x00, to)
            let place := keccak256(0x0c, 0x20)
            sstore(place, add(sload(place), amount))
        }
    }
}
