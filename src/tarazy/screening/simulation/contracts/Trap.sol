// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// What a hostile admin could put behind a proxy: it lets itself be put there and refuses everything else.
contract Trap {
    /// Answers the question that upgradeable proxies put to a new implementation.
    function proxiableUUID() external pure returns (bytes32) {
        return bytes32(uint256(keccak256("eip1967.proxy.implementation")) - 1);
    }

    function implementation() external view returns (address) {
        return address(this);
    }

    fallback() external payable {
        revert("trapped");
    }
}
