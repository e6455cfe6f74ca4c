// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// Never deployed: put in an account's place for one call that changes nothing, it moves tokens as that account would
/// and says what arrived.
contract Probe {
    bytes4 private constant BALANCE_OF = 0x70a08231;
    bytes4 private constant TRANSFER = 0xa9059cbb;

    function probe(address token, address to, uint256 amount)
        external
        returns (uint256 held, uint256 sent, bool done, uint256 received, bytes memory reason)
    {
        held = balance(token, address(this));
        sent = amount < held ? amount : held;
        uint256 before = balance(token, to);
        (done, reason) = token.call(abi.encodeWithSelector(TRANSFER, to, sent));
        if (done && reason.length >= 32 && abi.decode(reason, (uint256)) == 0) done = false;
        uint256 later = balance(token, to);
        received = later > before ? later - before : 0;
    }

    function balance(address token, address holder) private view returns (uint256) {
        (bool done, bytes memory answer) = token.staticcall(abi.encodeWithSelector(BALANCE_OF, holder));
        return done && answer.length >= 32 ? abi.decode(answer, (uint256)) : 0;
    }
}
