// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.25;

import "./Erc20.sol";

/// A supply that can only fall: a holder may burn tokens of his own. What was made at first is the cap for ever.
contract BurnableToken is Erc20 {
    uint256 public immutable cap;

    constructor(string memory name_, string memory symbol_, uint8 decimals_, uint256 supply, address holder)
        Erc20(name_, symbol_, decimals_, supply, holder)
    {
        cap = supply;
    }

    function burn(uint256 amount) external {
        uint256 held = balanceOf[msg.sender];
        if (held < amount) revert InsufficientBalance(msg.sender, held, amount);
        unchecked {
            balanceOf[msg.sender] = held - amount;
            totalSupply -= amount;
        }
        emit Transfer(msg.sender, address(0), amount);
    }
}
