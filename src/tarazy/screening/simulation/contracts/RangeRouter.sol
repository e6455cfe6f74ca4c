// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {RangeFactory} from "./RangeFactory.sol";
import {RangePool} from "./RangePool.sol";
import {Tokens} from "./Tokens.sol";

/// Trades through the pools of a range factory, and adds liquidity to them.
/// Needs no constructor: factory and WETH are the storage slots 0 and 1.
contract RangeRouter {
    struct ExactInputSingle {
        address tokenIn;
        address tokenOut;
        uint24 fee;
        address recipient;
        uint256 deadline;
        uint256 amountIn;
        uint256 amountOutMinimum;
        uint160 sqrtPriceLimitX96;
    }

    address public factory;
    address public WETH9;

    function exactInputSingle(ExactInputSingle calldata order) external returns (uint256 out) {
        require(order.deadline >= block.timestamp, "Transaction too old");
        bool zeroForOne = order.tokenIn < order.tokenOut;
        uint160 limit = order.sqrtPriceLimitX96;
        if (limit == 0) limit = zeroForOne ? 4295128740 : type(uint160).max;
        address pool = poolOf(order.tokenIn, order.tokenOut, order.fee);
        bytes memory data = abi.encode(order.tokenIn, order.tokenOut, order.fee, msg.sender);
        (int256 amount0, int256 amount1) =
            RangePool(pool).swap(order.recipient, zeroForOne, int256(order.amountIn), limit, data);
        out = uint256(-(zeroForOne ? amount1 : amount0));
        require(out >= order.amountOutMinimum, "Too little received");
    }

    function add(address a, address b, uint24 fee, uint128 amount) external returns (uint256, uint256) {
        (address token0, address token1) = a < b ? (a, b) : (b, a);
        bytes memory data = abi.encode(token0, token1, fee, msg.sender);
        return RangePool(poolOf(a, b, fee)).mint(msg.sender, -887220, 887220, amount, data);
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        (address tokenIn, address tokenOut, uint24 fee, address payer) =
            abi.decode(data, (address, address, uint24, address));
        require(msg.sender == poolOf(tokenIn, tokenOut, fee), "RangeRouter: not the pool");
        Tokens.move(tokenIn, payer, msg.sender, uint256(amount0 > 0 ? amount0 : amount1));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        (address token0, address token1, uint24 fee, address payer) =
            abi.decode(data, (address, address, uint24, address));
        require(msg.sender == poolOf(token0, token1, fee), "RangeRouter: not the pool");
        Tokens.move(token0, payer, msg.sender, amount0);
        Tokens.move(token1, payer, msg.sender, amount1);
    }

    function poolOf(address a, address b, uint24 fee) private view returns (address pool) {
        pool = RangeFactory(factory).getPool(a, b, fee);
        require(pool != address(0), "RangeRouter: no pool");
    }
}
