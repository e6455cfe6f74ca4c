// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// One owner, shown by owner(); ownership can be handed on and given up.
abstract contract Owned {
    address private _owner;

    event OwnershipTransferred(address indexed previous, address indexed next);

    error NotOwner(address caller);

    modifier onlyOwner() {
        if (msg.sender != _owner) revert NotOwner(msg.sender);
        _;
    }

    constructor() {
        _setOwner(msg.sender);
    }

    function owner() public view virtual returns (address) {
        return _owner;
    }

    function transferOwnership(address next) public virtual onlyOwner {
        require(next != address(0), "no owner given");
        _setOwner(next);
    }

    function renounceOwnership() public virtual onlyOwner {
        _setOwner(address(0));
    }

    function _setOwner(address next) internal {
        emit OwnershipTransferred(_owner, next);
        _owner = next;
    }
}
