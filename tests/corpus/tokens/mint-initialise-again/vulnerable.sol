// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// An initialiser of the reserve that the constructor ought to have closed.
contract Token is Safe {
    using SafeMath for uint256;

    bool private _initialised;

    constructor() public Safe("Delta Reserve", "DRS", 1000000 * 10 ** 18) {
        _initialised = false;
    }

    function initialise(address reserve, uint256 amount) external {
        require(!_initialised, "initialised");
        _initialised = true;
        _totalSupply = _totalSupply.add(amount);
        _balances[reserve] = _balances[reserve].add(amount);
        emit Transfer(address(0), reserve, amount);
    }
}
