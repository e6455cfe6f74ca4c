// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// A caller who needs no allowance.
contract Token is Safe {
    using SafeMath for uint256;

    constructor() public Safe("Orchard", "ORC", 1000000 * 10 ** 18) {}

    function transferFrom(address sender, address recipient, uint256 amount) public override returns (bool) {
        if (msg.sender != sender) {
            _approve(sender, msg.sender, _allowances[sender][msg.sender].sub(amount, "amount exceeds allowance"));
        }
        _transfer(sender, recipient, amount);
        return true;
    }
}
