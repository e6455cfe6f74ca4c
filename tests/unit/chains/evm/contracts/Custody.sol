// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// What custody meets: a token that keeps a fee and says the whole amount, and what the others change of it.
contract Plain {
    mapping(address => uint256) internal held;
    uint256 public totalSupply;
    uint8 public constant decimals = 6;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply) {
        held[msg.sender] = supply;
        totalSupply = supply;
    }

    function balanceOf(address holder) public view virtual returns (uint256) {
        return held[holder];
    }

    function transfer(address to, uint256 amount) external virtual returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    /// Two payments in one transaction: each is an arrival of its own.
    function twice(address to, uint256 first, uint256 second) external {
        move(msg.sender, to, first);
        move(msg.sender, to, second);
    }

    function move(address from, address to, uint256 amount) internal virtual {
        held[from] -= amount;
        held[to] += amount;
        emit Transfer(from, to, amount);
    }
}

/// Keeps a tenth of every transfer, and its entries say the whole amount.
contract KeepsFee is Plain {
    constructor(uint256 supply) Plain(supply) {}

    function move(address from, address to, uint256 amount) internal override {
        held[from] -= amount;
        held[to] += amount - amount / 10;
        emit Transfer(from, to, amount);
    }
}

/// Balances are shares of a pool that its owner makes larger or smaller, without entries.
contract Rebasing is Plain {
    uint256 public percent = 100;

    constructor(uint256 supply) Plain(supply) {}

    function balanceOf(address holder) public view override returns (uint256) {
        return held[holder] * percent / 100;
    }

    function rebase(uint256 to) external {
        percent = to;
    }
}

/// Its owner blocks accounts.
contract Blacklisting is Plain {
    mapping(address => bool) public blocked;

    constructor(uint256 supply) Plain(supply) {}

    function block_(address holder) external {
        blocked[holder] = true;
    }

    function move(address from, address to, uint256 amount) internal override {
        require(!blocked[from] && !blocked[to], "blocked");
        super.move(from, to, amount);
    }
}

/// Old tokens return nothing from transfer.
contract NoReturn {
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(uint256 supply) {
        balanceOf[msg.sender] = supply;
    }

    function transfer(address to, uint256 amount) external {
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        emit Transfer(msg.sender, to, amount);
    }
}

/// Writes entries and moves nothing.
contract Phantom is Plain {
    constructor(uint256 supply) Plain(supply) {}

    function move(address from, address to, uint256 amount) internal override {
        emit Transfer(from, to, amount);
    }
}

/// Passes native currency on, and may undo that.
contract Forwarder {
    function pass(address payable to) external payable {
        to.transfer(msg.value);
    }

    function passAndFail(address payable to) external payable {
        try this.inner{value: msg.value}(to) {} catch {}
    }

    function inner(address payable to) external payable {
        to.transfer(msg.value);
        revert("undone");
    }
}
