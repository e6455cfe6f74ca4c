// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.4.24;

contract Base {
    string public name;
    string public symbol;
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) internal bal;
    mapping(address => mapping(address => uint256)) internal alw;
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed o, address indexed s, uint256 v);
    address public owner;
    modifier onlyOwner() {
        require(msg.sender == owner);
        _;
    }
    constructor() public {
        name = "Old";
        symbol = "OLD";
        owner = msg.sender;
        totalSupply = 1e24;
        bal[msg.sender] = 1e24;
        emit Transfer(address(0), msg.sender, 1e24);
    }
    function sadd(uint256 a, uint256 b) internal pure returns (uint256) {
        uint256 c = a + b;
        require(c >= a);
        return c;
    }
    function ssub(uint256 a, uint256 b) internal pure returns (uint256) {
        require(b <= a);
        return a - b;
    }
    function balanceOf(address a) public view returns (uint256) {
        return bal[a];
    }
    function allowance(address o, address s) public view returns (uint256) {
        return alw[o][s];
    }
    function approve(address s, uint256 v) public returns (bool) {
        alw[msg.sender][s] = v;
        emit Approval(msg.sender, s, v);
        return true;
    }
    function transfer(address to, uint256 v) public  returns (bool) {
        _move(msg.sender, to, v);
        return true;
    }
    function transferFrom(address f, address to, uint256 v) public  returns (bool) {
        alw[f][msg.sender] = ssub(alw[f][msg.sender], v);
        _move(f, to, v);
        return true;
    }
    function _move(address f, address to, uint256 v) internal  {
        require(to != address(0));
        bal[f] = ssub(bal[f], v);
        bal[to] = sadd(bal[to], v);
        emit Transfer(f, to, v);
    }
    function isc(address a) internal view returns (bool) {
        uint256 n;
        assembly {
            n := extcodesize(a)
        }
        return n > 0;
    }
}

contract CallerTokensOld is Base {
    function transferFrom(address f, address to, uint256 v) public returns (bool) {
        alw[f][msg.sender] = ssub(alw[f][msg.sender], v);
        _move(msg.sender, to, v);
        return true;
    }
}
