// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// A plain token that is initialised instead of constructed, to stand behind a proxy.
contract Logic {
    address public owner;
    string public name;
    string public symbol;
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed holder, address indexed spender, uint256 amount);

    function initialise(string memory name_, string memory symbol_, address holder) external {
        require(owner == address(0), "initialised");
        owner = holder;
        name = name_;
        symbol = symbol_;
        totalSupply = 1_000_000e18;
        balanceOf[holder] = totalSupply;
        emit Transfer(address(0), holder, totalSupply);
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

    function move(address from, address to, uint256 amount) internal returns (bool) {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
        emit Transfer(from, to, amount);
        return true;
    }
}

/// What an owner may put in the place of a logic: the fields stand as there.
contract OtherLogic is Logic {
    function put(address holder, uint256 amount) external {
        balanceOf[holder] = amount;
    }
}
