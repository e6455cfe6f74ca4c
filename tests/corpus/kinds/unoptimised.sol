// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

abstract contract Plain {
    uint8 public constant decimals = 18;
    uint256 public totalSupply = 1_000_000 ether;
    mapping(address => uint256) internal held;
    mapping(address => mapping(address => uint256)) internal allowed;
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    constructor() {
        held[msg.sender] = totalSupply;
        emit Transfer(address(0), msg.sender, totalSupply);
    }
    function name() external pure returns (string memory) {
        return "Copper Lantern";
    }
    function symbol() external pure returns (string memory) {
        return "COLAN";
    }
    function balanceOf(address who) external view returns (uint256) {
        return held[who];
    }
    function allowance(address holder, address spender) external view returns (uint256) {
        return allowed[holder][spender];
    }
    function approve(address spender, uint256 value) external returns (bool) {
        allowed[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }
    function transfer(address to, uint256 value) external returns (bool) {
        move(msg.sender, to, value);
        return true;
    }
    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        allowed[from][msg.sender] -= value;
        move(from, to, value);
        return true;
    }
    function move(address from, address to, uint256 value) internal {
        held[from] -= value;
        held[to] += value;
        emit Transfer(from, to, value);
    }
}

// Compiled without the optimiser: nothing that a constructor writes is worked out by the compiler.
address constant PAIR = 0x5555555555555555555555555555555555555555;

// An account that the constructor is told may take what lies in a pair that is fixed.
contract ToldSpender is Plain {
    constructor(address spender) {
        allowed[PAIR][spender] = type(uint256).max;
    }
}

// The same with a pair that the constructor works out, so that its number stands nowhere in the code.
contract ToldSpenderWorkedOut is Plain {
    constructor(address spender) {
        address pair = address(uint160(uint256(keccak256(abi.encodePacked(PAIR, address(this))))));
        allowed[pair][spender] = type(uint256).max - 1;
    }
}

// The pair is told, and whoever deploys may take what lies in it.
contract ToldPair is Plain {
    constructor(address pair) {
        allowed[pair][msg.sender] = totalSupply;
    }
}

// Honest: whoever deploys allows an account that the constructor is told to spend the deployer's own.
contract ToldOwn is Plain {
    constructor(address router) {
        allowed[msg.sender][router] = type(uint256).max;
    }
}

// Honest: the token allows a told account to spend what lies in the token itself.
contract ToldItself is Plain {
    constructor(address router) {
        allowed[address(this)][router] = type(uint256).max;
    }
}
