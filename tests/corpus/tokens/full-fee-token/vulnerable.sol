// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

interface IRouter {
    function swap(uint256 amount, address receiver) external;
}

/// What a launch of these years looks like: a gate, caps, fees, exemptions, fees sold for ether on the way.
contract Token is Modern, Owned {
    mapping(address => bool) public isExempt;
    address payable public treasury;
    address public pool;
    IRouter public router;
    bool public open;
    bool private _swapping;
    uint256 public buyFee = 5;
    uint256 public sellFee = 5;
    uint256 public amountMax = 20_000e18;
    uint256 public walletMax = 20_000e18;

    constructor() Modern("Rocket Goat", "RGOAT") {
        treasury = payable(msg.sender);
        isExempt[msg.sender] = true;
        isExempt[address(this)] = true;
        _mint(msg.sender, 1_000_000e18);
    }

    receive() external payable {}

    function openTrading(address pool_, IRouter router_) external onlyOwner {
        require(!open, "open");
        pool = pool_;
        router = router_;
        open = true;
    }

    function removeLimits() external onlyOwner {
        amountMax = totalSupply();
        walletMax = totalSupply();
    }

    function setFees(uint256 buy, uint256 sell) external onlyOwner {
        require(buy <= 100 && sell <= 100, "too high");
        buyFee = buy;
        sellFee = sell;
    }

    function collect() external {
        require(msg.sender == treasury, "treasury only");
        treasury.transfer(address(this).balance);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (from == address(0) || isExempt[from] || isExempt[to] || _swapping) {
            super._update(from, to, amount);
            return;
        }
        require(open, "not open");
        uint256 fee = 0;
        if (from == pool) {
            require(amount <= amountMax && _balances[to] + amount <= walletMax, "too much");
            fee = buyFee;
        } else if (to == pool) {
            fee = sellFee;
            sellFees();
        }
        uint256 taken = amount * fee / 100;
        if (taken > 0) super._update(from, address(this), taken);
        super._update(from, to, amount - taken);
    }

    function sellFees() private {
        uint256 held = _balances[address(this)];
        if (held < 1_000e18 || address(router).code.length == 0) return;
        _swapping = true;
        _approve(address(this), address(router), held);
        try router.swap{gas: 500_000}(held, treasury) {} catch {}
        _swapping = false;
    }
}
