// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// Balances and votes are packed into checkpoints of ninety-six and thirty-two bits.
contract Token {
    struct Checkpoint {
        uint32 fromBlock;
        uint96 votes;
    }

    string public constant name = "Town Hall";
    string public constant symbol = "HALL";
    uint8 public constant decimals = 18;
    uint256 public constant totalSupply = 1_000_000e18;
    mapping(address => mapping(address => uint96)) private _allowances;
    mapping(address => uint96) private _balances;
    mapping(address => address) public delegates;
    mapping(address => mapping(uint32 => Checkpoint)) public checkpoints;
    mapping(address => uint32) public checkpointCount;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed holder, address indexed spender, uint256 amount);
    event DelegateVotesChanged(address indexed delegate, uint256 before, uint256 afterwards);

    constructor() {
        _balances[msg.sender] = uint96(totalSupply);
        emit Transfer(address(0), msg.sender, totalSupply);
    }

    function balanceOf(address holder) external view returns (uint256) {
        return _balances[holder];
    }

    function allowance(address holder, address spender) external view returns (uint256) {
        return _allowances[holder][spender];
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        _allowances[msg.sender][spender] = amount == type(uint256).max ? type(uint96).max : narrow(amount);
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, narrow(amount));
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        uint96 allowed = _allowances[from][msg.sender];
        if (msg.sender != from && allowed != type(uint96).max) _allowances[from][msg.sender] = allowed - narrow(amount);
        move(from, to, narrow(amount));
        return true;
    }

    function delegate(address to) external {
        address before = delegates[msg.sender];
        delegates[msg.sender] = to;
        moveVotes(before, to, _balances[msg.sender]);
    }

    function votesOf(address who) public view returns (uint96) {
        uint32 count = checkpointCount[who];
        return count == 0 ? 0 : checkpoints[who][count - 1].votes;
    }

    function move(address from, address to, uint96 amount) private {
        require(to != address(0), "no receiver");
        _balances[from] -= amount;
        _balances[to] += amount;
        emit Transfer(from, to, amount);
        moveVotes(delegates[from], delegates[to], amount);
    }

    function moveVotes(address from, address to, uint96 amount) private {
        if (from == to || amount == 0) return;
        if (from != address(0)) writeVotes(from, votesOf(from) - amount);
        if (to != address(0)) writeVotes(to, votesOf(to) + amount);
    }

    function writeVotes(address who, uint96 votes) private {
        uint32 count = checkpointCount[who];
        emit DelegateVotesChanged(who, votesOf(who), votes);
        if (count > 0 && checkpoints[who][count - 1].fromBlock == uint32(block.number)) {
            checkpoints[who][count - 1].votes = votes;
        } else {
            checkpoints[who][count] = Checkpoint(uint32(block.number), votes);
            checkpointCount[who] = count + 1;
        }
    }

    function narrow(uint256 amount) private pure returns (uint96) {
        require(amount <= type(uint96).max, "amount");
        return uint96(amount);
    }
}
