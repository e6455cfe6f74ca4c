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
    function move(address from, address to, uint256 value) internal virtual;
}

// All of a small amount is kept: what is below a threshold never arrives.
contract TinyLost is Plain {
    function move(address from, address to, uint256 value) internal override {
        held[from] -= value;
        if (value >= 1e12) {
            held[to] += value;
            emit Transfer(from, to, value);
        } else {
            totalSupply -= value;
            emit Transfer(from, address(0), value);
        }
    }
}

// A rate that only small amounts pay.
contract TinyRate is Plain {
    function move(address from, address to, uint256 value) internal override {
        uint256 fee = value < 1e15 ? value / 2 : 0;
        held[from] -= value;
        held[to] += value - fee;
        held[address(0xfee)] += fee;
        emit Transfer(from, to, value - fee);
    }
}

// A flat amount, taken below a threshold in storage that somebody sets.
contract TinyFlat is Plain {
    address public owner = msg.sender;
    uint256 public least = 1e14;
    function setLeast(uint256 value) external {
        require(msg.sender == owner);
        least = value;
    }
    function move(address from, address to, uint256 value) internal override {
        held[from] -= value;
        uint256 arrives = value;
        if (value < least) arrives = value > 5000 ? value - 5000 : 0;
        held[to] += arrives;
        held[owner] += value - arrives;
        emit Transfer(from, to, arrives);
    }
}

// In assembly, without a branch: a small amount is multiplied by whether it is large.
contract TinyMultiplied is Plain {
    function move(address from, address to, uint256 value) internal override {
        held[from] -= value;
        uint256 arrives;
        assembly {
            arrives := mul(value, iszero(lt(value, 0xe8d4a51000)))
        }
        held[to] += arrives;
        emit Transfer(from, to, arrives);
    }
}

// The threshold stands in storage, and its owner moves it: what is too small stays with the sender's debit alone.
contract TinyStored is Plain {
    address public owner = msg.sender;
    uint256 public least = 1e13;
    function setLeast(uint256 value) external {
        require(msg.sender == owner);
        least = value;
    }
    function move(address from, address to, uint256 value) internal override {
        held[from] -= value;
        if (value < least) {
            totalSupply -= value;
            emit Transfer(from, address(0), value);
            return;
        }
        held[to] += value;
        emit Transfer(from, to, value);
    }
}

// Honest: too small a transfer is refused, nobody loses anything.
contract TinyRefused is Plain {
    function move(address from, address to, uint256 value) internal override {
        require(value == 0 || value >= 1e9, "too small");
        held[from] -= value;
        held[to] += value;
        emit Transfer(from, to, value);
    }
}

// Honest: nothing moves where nothing is sent.
contract TinyNothing is Plain {
    function move(address from, address to, uint256 value) internal override {
        if (value != 0) {
            held[from] -= value;
            held[to] += value;
        }
        emit Transfer(from, to, value);
    }
}

// Honest: small amounts leave no trace in an event, and arrive all the same.
contract TinyQuiet is Plain {
    event Large(address indexed from, uint256 value);
    function move(address from, address to, uint256 value) internal override {
        held[from] -= value;
        held[to] += value;
        if (value > 1e15) emit Large(from, value);
        emit Transfer(from, to, value);
    }
}

// Honest: a small amount sent to nobody burns, as every amount does.
contract TinyBurn is Plain {
    function move(address from, address to, uint256 value) internal override {
        held[from] -= value;
        if (to == address(0)) {
            totalSupply -= value;
        } else {
            held[to] += value;
        }
        if (value < 1e10) emit Transfer(from, to, value);
        else emit Transfer(from, to, value);
    }
}
