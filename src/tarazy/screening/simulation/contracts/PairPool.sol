// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {Tokens} from "./Tokens.sol";

interface IPairCallee {
    function uniswapV2Call(address sender, uint256 amount0, uint256 amount1, bytes calldata data) external;
}

/// Constant-product pool of two tokens with a fee of 3 in 1,000 on what comes in.
/// Speaks the names of the widely used pair interface, so that tokens find what they look for.
contract PairPool {
    string public constant name = "Pool share";
    string public constant symbol = "POOL";
    uint8 public constant decimals = 18;
    uint256 public constant MINIMUM_LIQUIDITY = 1000;

    address public factory;
    address public token0;
    address public token1;
    uint112 private reserve0;
    uint112 private reserve1;
    uint32 private updated;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    uint256 private entered;

    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed owner, address indexed spender, uint256 value);
    event Mint(address indexed sender, uint256 amount0, uint256 amount1);
    event Burn(address indexed sender, uint256 amount0, uint256 amount1, address indexed to);
    event Swap(
        address indexed sender,
        uint256 amount0In,
        uint256 amount1In,
        uint256 amount0Out,
        uint256 amount1Out,
        address indexed to
    );
    event Sync(uint112 reserve0, uint112 reserve1);

    modifier once() {
        require(entered == 0, "PairPool: LOCKED");
        entered = 1;
        _;
        entered = 0;
    }

    function initialize(address first, address second) external {
        require(factory == address(0) || factory == msg.sender, "PairPool: FORBIDDEN");
        (factory, token0, token1) = (msg.sender, first, second);
    }

    function getReserves() public view returns (uint112, uint112, uint32) {
        return (reserve0, reserve1, updated);
    }

    function mint(address to) external once returns (uint256 liquidity) {
        (uint256 balance0, uint256 balance1) = balances();
        uint256 amount0 = balance0 - reserve0;
        uint256 amount1 = balance1 - reserve1;
        if (totalSupply == 0) {
            liquidity = root(amount0 * amount1) - MINIMUM_LIQUIDITY;
            give(address(0), MINIMUM_LIQUIDITY);
        } else {
            uint256 by0 = (amount0 * totalSupply) / reserve0;
            uint256 by1 = (amount1 * totalSupply) / reserve1;
            liquidity = by0 < by1 ? by0 : by1;
        }
        require(liquidity > 0, "PairPool: INSUFFICIENT_LIQUIDITY_MINTED");
        give(to, liquidity);
        keep(balance0, balance1);
        emit Mint(msg.sender, amount0, amount1);
    }

    function burn(address to) external once returns (uint256 amount0, uint256 amount1) {
        (uint256 balance0, uint256 balance1) = balances();
        uint256 liquidity = balanceOf[address(this)];
        amount0 = (liquidity * balance0) / totalSupply;
        amount1 = (liquidity * balance1) / totalSupply;
        require(amount0 > 0 && amount1 > 0, "PairPool: INSUFFICIENT_LIQUIDITY_BURNED");
        balanceOf[address(this)] = 0;
        totalSupply -= liquidity;
        emit Transfer(address(this), address(0), liquidity);
        Tokens.send(token0, to, amount0);
        Tokens.send(token1, to, amount1);
        (balance0, balance1) = balances();
        keep(balance0, balance1);
        emit Burn(msg.sender, amount0, amount1, to);
    }

    function swap(uint256 out0, uint256 out1, address to, bytes calldata data) external once {
        require(out0 > 0 || out1 > 0, "PairPool: INSUFFICIENT_OUTPUT_AMOUNT");
        require(out0 < reserve0 && out1 < reserve1, "PairPool: INSUFFICIENT_LIQUIDITY");
        require(to != token0 && to != token1, "PairPool: INVALID_TO");
        if (out0 > 0) Tokens.send(token0, to, out0);
        if (out1 > 0) Tokens.send(token1, to, out1);
        if (data.length > 0) IPairCallee(to).uniswapV2Call(msg.sender, out0, out1, data);
        settle(out0, out1, to);
    }

    function settle(uint256 out0, uint256 out1, address to) private {
        (uint256 balance0, uint256 balance1) = balances();
        uint256 in0 = balance0 > reserve0 - out0 ? balance0 - (reserve0 - out0) : 0;
        uint256 in1 = balance1 > reserve1 - out1 ? balance1 - (reserve1 - out1) : 0;
        require(in0 > 0 || in1 > 0, "PairPool: INSUFFICIENT_INPUT_AMOUNT");
        uint256 product = (balance0 * 1000 - in0 * 3) * (balance1 * 1000 - in1 * 3);
        require(product >= uint256(reserve0) * reserve1 * 1000 ** 2, "PairPool: K");
        keep(balance0, balance1);
        emit Swap(msg.sender, in0, in1, out0, out1, to);
    }

    function skim(address to) external once {
        (uint256 balance0, uint256 balance1) = balances();
        Tokens.send(token0, to, balance0 - reserve0);
        Tokens.send(token1, to, balance1 - reserve1);
    }

    function sync() external once {
        (uint256 balance0, uint256 balance1) = balances();
        keep(balance0, balance1);
    }

    function approve(address spender, uint256 value) external returns (bool) {
        allowance[msg.sender][spender] = value;
        emit Approval(msg.sender, spender, value);
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        return transferFrom(msg.sender, to, value);
    }

    function transferFrom(address from, address to, uint256 value) public returns (bool) {
        if (from != msg.sender && allowance[from][msg.sender] != type(uint256).max) {
            allowance[from][msg.sender] -= value;
        }
        balanceOf[from] -= value;
        balanceOf[to] += value;
        emit Transfer(from, to, value);
        return true;
    }

    function balances() private view returns (uint256, uint256) {
        return (Tokens.balance(token0, address(this)), Tokens.balance(token1, address(this)));
    }

    function keep(uint256 balance0, uint256 balance1) private {
        require(balance0 <= type(uint112).max && balance1 <= type(uint112).max, "PairPool: OVERFLOW");
        (reserve0, reserve1, updated) = (uint112(balance0), uint112(balance1), uint32(block.timestamp));
        emit Sync(reserve0, reserve1);
    }

    function give(address to, uint256 value) private {
        totalSupply += value;
        balanceOf[to] += value;
        emit Transfer(address(0), to, value);
    }

    /// Integer square root by Newton's iteration, rounded down.
    function root(uint256 square) private pure returns (uint256 guess) {
        if (square < 4) return square == 0 ? 0 : 1;
        guess = square;
        uint256 next = square / 2 + 1;
        while (next < guess) {
            guess = next;
            next = (square / next + next) / 2;
        }
    }
}
