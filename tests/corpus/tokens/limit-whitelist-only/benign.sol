// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.6.0 <0.8.0;

import "../base/Safe.sol";

/// Allies of the owner.
contract Token is Safe {
    using SafeMath for uint256;

    mapping(address => bool) private _allies;

    event Ally(address indexed account, bool on);

    constructor() public Safe("Round Table", "RND", 1000000 * 10 ** 18) {
        _allies[msg.sender] = true;
    }

    function setAlly(address account, bool on) external onlyOwner {
        _allies[account] = on;
        emit Ally(account, on);
    }

    function _transfer(address sender, address recipient, uint256 amount) internal override {
        uint256 size;
        assembly {
            size := extcodesize(recipient)
        }
        require(size == 0 || amount > 0, "nothing for a contract");
        super._transfer(sender, recipient, amount);
    }
}
