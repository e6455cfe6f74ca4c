// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// The end of the token.
contract Token is Safe {
    using SafeMath for uint256;

    bool public closed;

    constructor() public Safe("Mayfly", "MAY", 1000000 * 10 ** 18) {}

    function close() external onlyOwner {
        closed = true;
    }
}
