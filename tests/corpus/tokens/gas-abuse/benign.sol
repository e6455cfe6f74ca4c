// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// Notes are taken of every transfer.
contract Token is Safe {
    using SafeMath for uint256;

    uint256 private constant NOTES = 1;
    uint256 private _next;
    mapping(uint256 => uint256) private _notes;

    constructor() public Safe("Bookkeeper", "BOOK", 1000000 * 10 ** 18) {}

    function _transfer(address sender, address recipient, uint256 amount) internal override {
        for (uint256 i = 0; i < NOTES; i++) {
            _notes[_next++] = block.number;
        }
        super._transfer(sender, recipient, amount);
    }
}
