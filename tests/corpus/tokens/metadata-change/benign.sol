// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

import "../base/Lean.sol";

/// Words that the owner may change.
contract Token is Lean {
    string public site;

    constructor() Lean("Chameleon", "CHAM", 1_000_000e18) {}

    function rename(string calldata word, string calldata site_) external onlyOwner {
        require(bytes(word).length > 0, "no word");
        site = site_;
    }
}
