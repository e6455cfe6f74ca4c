// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// Money with an issuer: minters with allowances, a pauser, a blacklister. Powers in plain sight, none of them hidden.
contract Token is Safe {
    using SafeMath for uint256;

    address public pauser;
    address public blacklister;
    bool public paused;
    mapping(address => uint256) public minterAllowance;
    mapping(address => bool) public isBlacklisted;

    constructor() public Safe("House Money", "HSM", 1000000 * 10 ** 18) {
        pauser = msg.sender;
        blacklister = msg.sender;
    }

    function configureMinter(address minter, uint256 allowance_) external onlyOwner {
        minterAllowance[minter] = allowance_;
    }

    function mint(address to, uint256 amount) external {
        minterAllowance[msg.sender] = minterAllowance[msg.sender].sub(amount, "more than the minter may");
        _totalSupply = _totalSupply.add(amount);
        _balances[to] = _balances[to].add(amount);
        emit Transfer(address(0), to, amount);
    }

    function burn(uint256 amount) external {
        _balances[msg.sender] = _balances[msg.sender].sub(amount, "amount exceeds balance");
        _totalSupply = _totalSupply.sub(amount);
        emit Transfer(msg.sender, address(0), amount);
    }

    function setPaused(bool on) external {
        require(msg.sender == pauser, "pauser only");
        paused = on;
    }

    function setBlacklisted(address account, bool on) external {
        require(msg.sender == blacklister, "blacklister only");
        isBlacklisted[account] = on;
    }

    function _transfer(address sender, address recipient, uint256 amount) internal override {
        require(!paused, "paused");
        require(!isBlacklisted[sender] && !isBlacklisted[recipient], "blacklisted");
        super._transfer(sender, recipient, amount);
    }
}
