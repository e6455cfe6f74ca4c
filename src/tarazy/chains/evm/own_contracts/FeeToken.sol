// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.25;

import "./Erc20.sol";

/// Every transfer pays the same fee to the same receiver. Rate and receiver are set when the token is made, the rate at
/// most FEE_PPM_MAX; nobody can change either and nobody is exempt. The fee is rounded down.
contract FeeToken is Erc20 {
    uint256 public constant FEE_PPM_MAX = 50_000; // 5 %
    uint256 public immutable feePpm;
    address public immutable feeReceiver;

    error FeeTooHigh(uint256 feePpm, uint256 most);

    constructor(
        string memory name_,
        string memory symbol_,
        uint8 decimals_,
        uint256 supply,
        address holder,
        uint256 feePpm_,
        address feeReceiver_
    ) Erc20(name_, symbol_, decimals_, supply, holder) {
        if (feePpm_ > FEE_PPM_MAX) revert FeeTooHigh(feePpm_, FEE_PPM_MAX);
        if (feeReceiver_ == address(0)) revert ZeroAddress();
        if (supply > type(uint128).max) revert SupplyTooLarge(supply, type(uint128).max); // so that no fee overflows
        feePpm = feePpm_;
        feeReceiver = feeReceiver_;
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        uint256 fee = amount * feePpm / 1_000_000;
        _move(from, to, amount - fee);
        if (fee != 0) _move(from, feeReceiver, fee);
    }
}
