// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {RangePool} from "./RangePool.sol";

/// Makes one pool for each pair of tokens and fee. Needs no constructor: its code may stand at any address.
contract RangeFactory {
    mapping(address => mapping(address => mapping(uint24 => address))) public getPool;

    event PoolCreated(address indexed token0, address indexed token1, uint24 indexed fee, int24 spacing, address pool);

    function owner() external pure returns (address) {
        return address(0);
    }

    function feeAmountTickSpacing(uint24) external pure returns (int24) {
        return 60;
    }

    function createPool(address a, address b, uint24 fee) external returns (address made) {
        require(a != b && a != address(0) && b != address(0), "RangeFactory: two tokens");
        (address token0, address token1) = a < b ? (a, b) : (b, a);
        require(getPool[token0][token1][fee] == address(0), "RangeFactory: pool exists");
        RangePool pool = new RangePool{salt: keccak256(abi.encode(token0, token1, fee))}();
        pool.place(token0, token1, fee);
        made = address(pool);
        getPool[token0][token1][fee] = made;
        getPool[token1][token0][fee] = made;
        emit PoolCreated(token0, token1, fee, 60, made);
    }
}
