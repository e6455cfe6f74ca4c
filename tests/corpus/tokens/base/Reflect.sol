// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

/// A token whose fee goes to all holders at once: balances are shares in a total that shrinks with every fee.
contract Reflect {
    address public owner;
    string public name;
    string public symbol;
    uint8 public constant decimals = 18;
    uint256 public constant totalSupply = 1000000 * 10 ** 18;
    uint256 public fee = 2; // per cent
    uint256 internal _shares = uint256(-1) - (uint256(-1) % totalSupply);
    mapping(address => uint256) internal _sharesOf;
    mapping(address => uint256) internal _fixedOf;
    mapping(address => bool) public isExcluded;
    mapping(address => mapping(address => uint256)) public allowance;

    event Transfer(address indexed from, address indexed to, uint256 amount);
    event Approval(address indexed holder, address indexed spender, uint256 amount);

    constructor(string memory name_, string memory symbol_) public {
        owner = msg.sender;
        name = name_;
        symbol = symbol_;
        _sharesOf[msg.sender] = _shares;
        emit Transfer(address(0), msg.sender, totalSupply);
    }

    function rate() public view returns (uint256) {
        return _shares / totalSupply;
    }

    function balanceOf(address holder) public view returns (uint256) {
        return isExcluded[holder] ? _fixedOf[holder] : _sharesOf[holder] / rate();
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        require(allowance[from][msg.sender] >= amount, "allowance");
        allowance[from][msg.sender] -= amount;
        move(from, to, amount);
        return true;
    }

    function move(address from, address to, uint256 amount) internal {
        require(balanceOf(from) >= amount, "balance");
        uint256 current = rate();
        uint256 taken = from == owner ? 0 : amount * fee / 100;
        _sharesOf[from] -= amount * current;
        if (isExcluded[from]) _fixedOf[from] -= amount;
        _sharesOf[to] += (amount - taken) * current;
        if (isExcluded[to]) _fixedOf[to] += amount - taken;
        _shares -= taken * current;
        emit Transfer(from, to, amount - taken);
    }
}
