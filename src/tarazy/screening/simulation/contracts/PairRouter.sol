// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {PairFactory} from "./PairFactory.sol";
import {PairPool} from "./PairPool.sol";
import {Tokens} from "./Tokens.sol";
import {WrappedEther} from "./WrappedEther.sol";

/// Trades and adds liquidity through the pools of a factory, under the names of the widely used router interface.
/// Needs no constructor: factory and WETH are the storage slots 0 and 1.
contract PairRouter {
    address public factory;
    address public WETH;

    modifier inTime(uint256 deadline) {
        require(deadline >= block.timestamp, "PairRouter: EXPIRED");
        _;
    }

    receive() external payable {}

    // Liquidity

    function addLiquidity(
        address a,
        address b,
        uint256 wantedA,
        uint256 wantedB,
        uint256 leastA,
        uint256 leastB,
        address to,
        uint256 deadline
    ) external inTime(deadline) returns (uint256 amountA, uint256 amountB, uint256 liquidity) {
        address pair;
        (pair, amountA, amountB) = fitted(a, b, wantedA, wantedB, leastA, leastB);
        Tokens.move(a, msg.sender, pair, amountA);
        Tokens.move(b, msg.sender, pair, amountB);
        liquidity = PairPool(pair).mint(to);
    }

    function addLiquidityETH(
        address token,
        uint256 wanted,
        uint256 leastToken,
        uint256 leastEther,
        address to,
        uint256 deadline
    ) external payable inTime(deadline) returns (uint256 amountToken, uint256 amountEther, uint256 liquidity) {
        address pair;
        (pair, amountToken, amountEther) = fitted(token, WETH, wanted, msg.value, leastToken, leastEther);
        Tokens.move(token, msg.sender, pair, amountToken);
        WrappedEther(payable(WETH)).deposit{value: amountEther}();
        WrappedEther(payable(WETH)).transfer(pair, amountEther);
        liquidity = PairPool(pair).mint(to);
        if (msg.value > amountEther) pay(msg.sender, msg.value - amountEther);
    }

    function removeLiquidity(
        address a,
        address b,
        uint256 liquidity,
        uint256 leastA,
        uint256 leastB,
        address to,
        uint256 deadline
    ) public inTime(deadline) returns (uint256 amountA, uint256 amountB) {
        address pair = pairOf(a, b);
        PairPool(pair).transferFrom(msg.sender, pair, liquidity);
        (uint256 amount0, uint256 amount1) = PairPool(pair).burn(to);
        (amountA, amountB) = a < b ? (amount0, amount1) : (amount1, amount0);
        require(amountA >= leastA, "PairRouter: INSUFFICIENT_A_AMOUNT");
        require(amountB >= leastB, "PairRouter: INSUFFICIENT_B_AMOUNT");
    }

    function removeLiquidityETH(
        address token,
        uint256 liquidity,
        uint256 leastToken,
        uint256 leastEther,
        address to,
        uint256 deadline
    ) public returns (uint256 amountToken, uint256 amountEther) {
        (amountToken, amountEther) = removeLiquidity(
            token, WETH, liquidity, leastToken, leastEther, address(this), deadline
        );
        Tokens.send(token, to, Tokens.balance(token, address(this)));
        WrappedEther(payable(WETH)).withdraw(amountEther);
        pay(to, amountEther);
    }

    function removeLiquidityETHSupportingFeeOnTransferTokens(
        address token,
        uint256 liquidity,
        uint256 leastToken,
        uint256 leastEther,
        address to,
        uint256 deadline
    ) external returns (uint256 amountEther) {
        (, amountEther) = removeLiquidityETH(token, liquidity, leastToken, leastEther, to, deadline);
    }

    // Trades of an exact amount

    function swapExactTokensForTokens(
        uint256 amountIn,
        uint256 least,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external inTime(deadline) returns (uint256[] memory amounts) {
        amounts = getAmountsOut(amountIn, path);
        require(amounts[path.length - 1] >= least, "PairRouter: INSUFFICIENT_OUTPUT_AMOUNT");
        Tokens.move(path[0], msg.sender, pairOf(path[0], path[1]), amountIn);
        follow(amounts, path, to);
    }

    function swapExactETHForTokens(
        uint256 least,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external payable inTime(deadline) returns (uint256[] memory amounts) {
        amounts = getAmountsOut(msg.value, path);
        require(amounts[path.length - 1] >= least, "PairRouter: INSUFFICIENT_OUTPUT_AMOUNT");
        wrapInto(path);
        follow(amounts, path, to);
    }

    function swapExactTokensForETH(
        uint256 amountIn,
        uint256 least,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external inTime(deadline) returns (uint256[] memory amounts) {
        amounts = getAmountsOut(amountIn, path);
        require(amounts[path.length - 1] >= least, "PairRouter: INSUFFICIENT_OUTPUT_AMOUNT");
        Tokens.move(path[0], msg.sender, pairOf(path[0], path[1]), amountIn);
        follow(amounts, path, address(this));
        unwrapTo(path, amounts[path.length - 1], to);
    }

    // Trades of tokens that keep a part of what is sent: what counts is what arrived

    function swapExactTokensForTokensSupportingFeeOnTransferTokens(
        uint256 amountIn,
        uint256 least,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external inTime(deadline) {
        Tokens.move(path[0], msg.sender, pairOf(path[0], path[1]), amountIn);
        arrive(path, least, to);
    }

    function swapExactETHForTokensSupportingFeeOnTransferTokens(
        uint256 least,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external payable inTime(deadline) {
        wrapInto(path);
        arrive(path, least, to);
    }

    function swapExactTokensForETHSupportingFeeOnTransferTokens(
        uint256 amountIn,
        uint256 least,
        address[] calldata path,
        address to,
        uint256 deadline
    ) external inTime(deadline) {
        Tokens.move(path[0], msg.sender, pairOf(path[0], path[1]), amountIn);
        uint256 received = arrive(path, least, address(this));
        unwrapTo(path, received, to);
    }

    // Prices

    function quote(uint256 amountA, uint256 reserveA, uint256 reserveB) public pure returns (uint256) {
        require(amountA > 0 && reserveA > 0 && reserveB > 0, "PairRouter: INSUFFICIENT_LIQUIDITY");
        return (amountA * reserveB) / reserveA;
    }

    function getAmountOut(uint256 amountIn, uint256 reserveIn, uint256 reserveOut) public pure returns (uint256) {
        require(amountIn > 0, "PairRouter: INSUFFICIENT_INPUT_AMOUNT");
        require(reserveIn > 0 && reserveOut > 0, "PairRouter: INSUFFICIENT_LIQUIDITY");
        uint256 afterFee = amountIn * 997;
        return (afterFee * reserveOut) / (reserveIn * 1000 + afterFee);
    }

    function getAmountIn(uint256 amountOut, uint256 reserveIn, uint256 reserveOut) public pure returns (uint256) {
        require(amountOut > 0 && amountOut < reserveOut, "PairRouter: INSUFFICIENT_LIQUIDITY");
        return (reserveIn * amountOut * 1000) / ((reserveOut - amountOut) * 997) + 1;
    }

    function getAmountsOut(uint256 amountIn, address[] memory path) public view returns (uint256[] memory amounts) {
        amounts = new uint256[](path.length);
        amounts[0] = amountIn;
        for (uint256 i = 0; i + 1 < path.length; i++) {
            (uint256 reserveIn, uint256 reserveOut) = reserves(path[i], path[i + 1]);
            amounts[i + 1] = getAmountOut(amounts[i], reserveIn, reserveOut);
        }
    }

    function getAmountsIn(uint256 amountOut, address[] memory path) public view returns (uint256[] memory amounts) {
        amounts = new uint256[](path.length);
        amounts[path.length - 1] = amountOut;
        for (uint256 i = path.length - 1; i > 0; i--) {
            (uint256 reserveIn, uint256 reserveOut) = reserves(path[i - 1], path[i]);
            amounts[i - 1] = getAmountIn(amounts[i], reserveIn, reserveOut);
        }
    }

    // Within

    function fitted(address a, address b, uint256 wantedA, uint256 wantedB, uint256 leastA, uint256 leastB)
        private
        returns (address pair, uint256 amountA, uint256 amountB)
    {
        pair = PairFactory(factory).getPair(a, b);
        if (pair == address(0)) pair = PairFactory(factory).createPair(a, b);
        (uint256 reserveA, uint256 reserveB) = reserves(a, b);
        (amountA, amountB) = (wantedA, wantedB);
        if (reserveA > 0 && reserveB > 0) {
            amountB = quote(wantedA, reserveA, reserveB);
            if (amountB > wantedB) (amountA, amountB) = (quote(wantedB, reserveB, reserveA), wantedB);
            require(amountA >= leastA, "PairRouter: INSUFFICIENT_A_AMOUNT");
            require(amountB >= leastB, "PairRouter: INSUFFICIENT_B_AMOUNT");
        }
    }

    function pairOf(address a, address b) private view returns (address pair) {
        pair = PairFactory(factory).getPair(a, b);
        require(pair != address(0), "PairRouter: NO_PAIR");
    }

    function reserves(address a, address b) private view returns (uint256, uint256) {
        (uint256 reserve0, uint256 reserve1, ) = PairPool(pairOf(a, b)).getReserves();
        return a < b ? (reserve0, reserve1) : (reserve1, reserve0);
    }

    function wrapInto(address[] calldata path) private {
        require(path[0] == WETH, "PairRouter: INVALID_PATH");
        WrappedEther(payable(WETH)).deposit{value: msg.value}();
        WrappedEther(payable(WETH)).transfer(pairOf(path[0], path[1]), msg.value);
    }

    function unwrapTo(address[] calldata path, uint256 amount, address to) private {
        require(path[path.length - 1] == WETH, "PairRouter: INVALID_PATH");
        WrappedEther(payable(WETH)).withdraw(amount);
        pay(to, amount);
    }

    function pay(address to, uint256 amount) private {
        (bool sent, ) = to.call{value: amount}("");
        require(sent, "PairRouter: receiver refused");
    }

    function follow(uint256[] memory amounts, address[] calldata path, address to) private {
        for (uint256 i = 0; i + 1 < path.length; i++) {
            address receiver = i + 2 < path.length ? pairOf(path[i + 1], path[i + 2]) : to;
            trade(path[i], path[i + 1], amounts[i + 1], receiver);
        }
    }

    function arrive(address[] calldata path, uint256 least, address to) private returns (uint256 received) {
        address last = path[path.length - 1];
        uint256 before = Tokens.balance(last, to);
        for (uint256 i = 0; i + 1 < path.length; i++) {
            address receiver = i + 2 < path.length ? pairOf(path[i + 1], path[i + 2]) : to;
            (uint256 reserveIn, uint256 reserveOut) = reserves(path[i], path[i + 1]);
            uint256 arrived = Tokens.balance(path[i], pairOf(path[i], path[i + 1])) - reserveIn;
            trade(path[i], path[i + 1], getAmountOut(arrived, reserveIn, reserveOut), receiver);
        }
        received = Tokens.balance(last, to) - before;
        require(received >= least, "PairRouter: INSUFFICIENT_OUTPUT_AMOUNT");
    }

    function trade(address from, address into, uint256 amountOut, address receiver) private {
        (uint256 out0, uint256 out1) = from < into ? (uint256(0), amountOut) : (amountOut, uint256(0));
        PairPool(pairOf(from, into)).swap(out0, out1, receiver, "");
    }
}
