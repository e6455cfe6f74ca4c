// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.4.26;

/// Names of thirty-two bytes, an authority that can only rename, allowances without end.
contract Token {
    bytes32 public name = "Short Story";
    bytes32 public symbol = "SHRT";
    uint256 public decimals = 18;
    uint256 private supply = 1000000 * 10 ** 18;
    mapping(address => uint256) private balances;
    mapping(address => mapping(address => uint256)) private approvals;
    address public authority;

    event Transfer(address indexed src, address indexed dst, uint256 wad);
    event Approval(address indexed src, address indexed guy, uint256 wad);

    constructor() public {
        authority = msg.sender;
        balances[msg.sender] = supply;
    }

    function setName(bytes32 name_) public {
        require(msg.sender == authority);
        name = name_;
    }

    function totalSupply() public view returns (uint256) {
        return supply;
    }

    function balanceOf(address src) public view returns (uint256) {
        return balances[src];
    }

    function allowance(address src, address guy) public view returns (uint256) {
        return approvals[src][guy];
    }

    function approve(address guy, uint256 wad) public returns (bool) {
        approvals[msg.sender][guy] = wad;
        emit Approval(msg.sender, guy, wad);
        return true;
    }

    function transfer(address dst, uint256 wad) public returns (bool) {
        return transferFrom(msg.sender, dst, wad);
    }

    function transferFrom(address src, address dst, uint256 wad) public returns (bool) {
        if (src != msg.sender && approvals[src][msg.sender] != uint256(-1)) {
            require(approvals[src][msg.sender] >= wad, "insufficient-approval");
            approvals[src][msg.sender] -= wad;
        }
        require(balances[src] >= wad, "insufficient-balance");
        balances[src] -= wad;
        balances[dst] += wad;
        emit Transfer(src, dst, wad);
        return true;
    }
}
