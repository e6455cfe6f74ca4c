// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

/// The part of a token that pools use. Tokens that answer nothing count as having answered yes.
library Tokens {
    function balance(address token, address account) internal view returns (uint256 amount) {
        (bool answered, bytes memory answer) = token.staticcall(abi.encodeWithSignature("balanceOf(address)", account));
        require(answered && answer.length >= 32, "Tokens: no balance");
        amount = abi.decode(answer, (uint256));
    }

    function send(address token, address to, uint256 amount) internal {
        check(token, abi.encodeWithSignature("transfer(address,uint256)", to, amount));
    }

    function move(address token, address from, address to, uint256 amount) internal {
        check(token, abi.encodeWithSignature("transferFrom(address,address,uint256)", from, to, amount));
    }

    /// Hands on the token's own reason where it refuses.
    function check(address token, bytes memory data) private {
        (bool done, bytes memory answer) = token.call(data);
        if (!done) {
            if (answer.length == 0) revert("Tokens: refused without a reason");
            assembly {
                revert(add(answer, 32), mload(answer))
            }
        }
        require(answer.length == 0 || abi.decode(answer, (bool)), "Tokens: answered no");
    }
}
