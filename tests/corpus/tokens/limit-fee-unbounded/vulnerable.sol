// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// A fee on every transfer, in percent, that the owner sets.
contract Token is Safe {
    using SafeMath for uint256;

    uint256 public fee = 2;
    address public treasury;

    constructor() public Safe("Millrace", "MILL", 1000000 * 10 ** 18) {
        treasury = msg.sender;
    }

    function setFee(uint256 percent) external onlyOwner {
        require(percent <= 100, "too high");
        fee = percent;
    }

    function _transfer(address sender, address recipient, uint256 amount) internal override {
        uint256 taken = sender == owner() ? 0 : amount.mul(fee).div(100);
        if (taken > 0) super._transfer(sender, treasury, taken);
        super._transfer(sender, recipient, amount.sub(taken));
    }
}
