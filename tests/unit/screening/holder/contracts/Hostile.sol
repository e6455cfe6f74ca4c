// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.25;

/// Contracts that a wallet's reader must outlive, and one that keeps allowances for others as Permit2 does.

interface Erc20 {
    function transferFrom(address from, address to, uint256 value) external returns (bool);
}

/// Keeps allowances of many tokens: who approves it on a token lets it move that token by the allowances kept here.
contract SharedAllowances {
    event Approval(
        address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration
    );

    struct Kept {
        uint160 amount;
        uint48 expiration;
        uint48 nonce;
    }

    mapping(address => mapping(address => mapping(address => Kept))) public allowance;

    function approve(address token, address spender, uint160 amount, uint48 expiration) external {
        Kept storage kept = allowance[msg.sender][token][spender];
        kept.amount = amount;
        kept.expiration = expiration == 0 ? uint48(block.timestamp) : expiration;
        emit Approval(msg.sender, token, spender, amount, expiration);
    }

    function transferFrom(address from, address to, uint160 amount, address token) external {
        Kept storage kept = allowance[from][token][msg.sender];
        require(block.timestamp <= kept.expiration, "expired");
        require(kept.amount >= amount, "too little");
        kept.amount -= amount;
        Erc20(token).transferFrom(from, to, amount);
    }
}

/// Says in a log that it was approved, and reverts when it is asked how much.
contract SilentToken {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    function give(address to) external {
        emit Transfer(address(0), to, 1);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function balanceOf(address) external pure returns (uint256) {
        revert("not said");
    }

    function allowance(address, address) external pure returns (uint256) {
        revert("not said");
    }
}

/// Spends all gas, whatever it is asked.
contract GasBomb {
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);

    function give(address to) external {
        emit Transfer(address(0), to, 1);
        emit Approval(to, address(this), 1);
    }

    fallback() external {
        while (true) {}
    }
}

/// Has a name that is as long as its gas lasts, and holders that nobody made.
contract EndlessName {
    event Transfer(address indexed from, address indexed to, uint256 value);

    function give(address to) external {
        emit Transfer(address(0), to, 1);
    }

    function balanceOf(address) external pure returns (uint256) {
        return 10 ** 18;
    }

    fallback() external {
        assembly {
            mstore(0, 32)
            mstore(32, 600000)
            return(0, 600064)
        }
    }
}

/// Takes an approval and never gives it up.
contract StubbornToken {
    event Approval(address indexed owner, address indexed spender, uint256 value);

    string public name = "Stubborn";
    string public symbol = "STB";
    uint8 public decimals = 6;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => uint256) public balanceOf;

    function approve(address spender, uint256 value) external returns (bool) {
        if (value != 0) allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }
}

/// Writes approvals into its logs that nobody gave: of its own tokens, and as if it kept allowances of another.
contract Faker {
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Approval(
        address indexed owner, address indexed token, address indexed spender, uint160 amount, uint48 expiration
    );

    function fake(address owner, address token, uint256 count) external {
        for (uint256 i = 1; i <= count; i++) {
            emit Approval(owner, address(uint160(i)), 5);
        }
        emit Approval(owner, token, address(this), type(uint160).max, type(uint48).max);
    }

    function allowance(address, address) external pure returns (uint256) {
        return 5;
    }

    function allowance(address, address, address) external pure returns (uint160, uint48, uint48) {
        return (type(uint160).max, type(uint48).max, 0);
    }

    function balanceOf(address) external pure returns (uint256) {
        return 5;
    }
}
