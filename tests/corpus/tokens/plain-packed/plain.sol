// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// Six decimals; a balance, its time and a count share one field, the balance in the upper half.
contract Token {
    string public constant name = "Sardine";
    string public constant symbol = "TIN";
    uint8 public constant decimals = 6;
    uint256 public constant totalSupply = 1_000_000e6;
    mapping(address => uint256) private _fields;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed holder, address indexed spender, uint256 amount);

    constructor() {
        _fields[msg.sender] = totalSupply << 128;
        emit Transfer(address(0), msg.sender, totalSupply);
    }

    function balanceOf(address holder) public view returns (uint256) {
        return _fields[holder] >> 128;
    }

    function lastTransferOf(address holder) external view returns (uint64) {
        return uint64(_fields[holder]);
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        return move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        return move(from, to, amount);
    }

    function move(address from, address to, uint256 amount) private returns (bool) {
        uint256 held = balanceOf(from);
        require(held >= amount, "balance");
        _fields[from] = ((held - amount) << 128) | ((uint256(uint64(_fields[from] >> 64)) + 1) << 64) | uint64(block.timestamp);
        _fields[to] += amount << 128;
        emit Transfer(from, to, amount);
        return true;
    }
}
