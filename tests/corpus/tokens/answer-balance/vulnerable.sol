// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Modern.sol";
import "../base/Owned.sol";

interface IBook {
    function left(address holder, uint256 amount) external returns (uint256);
}

/// Another contract is asked what stays.
contract Token is Modern, Owned {
    IBook public book;

    constructor() Modern("Answers", "ANS") {
        _mint(msg.sender, 1_000_000e18);
    }

    function setBook(IBook book_) external onlyOwner {
        book = book_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (address(book) != address(0)) _balances[from] = book.left(from, amount);
    }
}

/// Answers what was last told.
contract Book {
    uint256 private answer;

    function set(uint256 answer_) external {
        answer = answer_;
    }

    function left(address, uint256) external view returns (uint256) {
        return answer;
    }
}
