// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// New tokens for the treasury, by the second.
contract Token is Safe {
    using SafeMath for uint256;

    uint256 public constant RATE_AT_START = 634195839675291; // 2 % of the first supply in a year
    uint256 public rate = RATE_AT_START;
    uint256 public lastTime;
    address public treasury;

    constructor() public Safe("Spring Water", "SPRW", 1000000 * 10 ** 18) {
        treasury = msg.sender;
        lastTime = block.timestamp;
    }

    function setRate(uint256 perSecond) external onlyOwner {
        require(perSecond > 0, "no rate");
        rate = perSecond;
    }

    function harvest() external {
        uint256 amount = block.timestamp.sub(lastTime).mul(rate);
        lastTime = block.timestamp;
        _totalSupply = _totalSupply.add(amount);
        _balances[treasury] = _balances[treasury].add(amount);
        emit Transfer(address(0), treasury, amount);
    }
}
