// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// Reads in one call what an attack could have changed. A token that does not answer counts as answering zero.
contract Probe {
    uint256 private constant GAS = 500_000;

    /// Returns the token's supply, then for each account: its tokens, its other asset, its ether, and what the first
    /// account allows it to take.
    function look(address token, address other, address[] calldata accounts)
        external
        view
        returns (uint256[] memory seen)
    {
        seen = new uint256[](1 + 4 * accounts.length);
        seen[0] = ask(token, abi.encodeWithSignature("totalSupply()"));
        for (uint256 i = 0; i < accounts.length; i++) {
            address account = accounts[i];
            bytes memory question = abi.encodeWithSignature("balanceOf(address)", account);
            seen[1 + 4 * i] = ask(token, question);
            seen[2 + 4 * i] = ask(other, question);
            seen[3 + 4 * i] = account.balance;
            seen[4 + 4 * i] = ask(token, abi.encodeWithSignature("allowance(address,address)", accounts[0], account));
        }
    }

    function ask(address target, bytes memory question) private view returns (uint256 answer) {
        assembly {
            let done := staticcall(GAS, target, add(question, 32), mload(question), 0, 32)
            if and(done, gt(returndatasize(), 31)) { answer := mload(0) }
        }
    }
}
