// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {Tokens} from "./Tokens.sol";

interface ISwapCallback {
    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external;
}

interface IMintCallback {
    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external;
}

/// Pool in the manner of concentrated liquidity, with one position over the full range of prices.
/// The pool pays first, asks the caller to pay in a callback, and checks that the whole amount arrived: a token that
/// keeps a part of what is sent cannot be sold here. The price is that of the virtual reserves, which are the balances.
contract RangePool {
    int24 public constant tickSpacing = 60;

    address public factory;
    address public token0;
    address public token1;
    uint24 public fee;
    uint128 public liquidity;
    uint160 private price; // square root of token1 per token0, times 2**96
    int24 private tick;
    bool private unlocked;

    event Initialize(uint160 sqrtPriceX96, int24 tick);
    event Mint(
        address sender,
        address indexed owner,
        int24 indexed tickLower,
        int24 indexed tickUpper,
        uint128 amount,
        uint256 amount0,
        uint256 amount1
    );
    event Swap(
        address indexed sender,
        address indexed recipient,
        int256 amount0,
        int256 amount1,
        uint160 sqrtPriceX96,
        uint128 liquidity,
        int24 tick
    );

    modifier once() {
        require(unlocked, "LOK");
        unlocked = false;
        _;
        unlocked = true;
    }

    function place(address first, address second, uint24 feePpm) external {
        require(factory == address(0), "RangePool: placed");
        (factory, token0, token1, fee) = (msg.sender, first, second, feePpm);
    }

    function initialize(uint160 sqrtPriceX96) external {
        require(price == 0, "AI");
        setPrice(sqrtPriceX96);
        unlocked = true;
        emit Initialize(sqrtPriceX96, tick);
    }

    function slot0() external view returns (uint160, int24, uint16, uint16, uint16, uint8, bool) {
        return (price, tick, 0, 1, 1, 0, unlocked);
    }

    /// Adds to the full-range position, whatever range is named.
    function mint(address recipient, int24 lower, int24 upper, uint128 amount, bytes calldata data)
        external
        once
        returns (uint256 amount0, uint256 amount1)
    {
        require(amount > 0, "RangePool: nothing to add");
        amount0 = (uint256(amount) << 96) / price + 1;
        amount1 = (uint256(amount) * price >> 96) + 1;
        liquidity += amount;
        (uint256 before0, uint256 before1) = balances();
        IMintCallback(msg.sender).uniswapV3MintCallback(amount0, amount1, data);
        (uint256 after0, uint256 after1) = balances();
        require(before0 + amount0 <= after0, "M0");
        require(before1 + amount1 <= after1, "M1");
        emit Mint(msg.sender, recipient, lower, upper, amount, amount0, amount1);
    }

    /// Swaps an exact input (`amount` above zero); exact outputs are not offered.
    function swap(address recipient, bool zeroForOne, int256 amount, uint160 limit, bytes calldata data)
        external
        once
        returns (int256 amount0, int256 amount1)
    {
        require(amount > 0, "AS");
        require(zeroForOne ? limit < price : limit > price, "SPL");
        uint256 out = advance(zeroForOne, uint256(amount));
        (amount0, amount1) = zeroForOne ? (amount, -int256(out)) : (-int256(out), amount);
        if (out > 0) Tokens.send(zeroForOne ? token1 : token0, recipient, out);
        address paid = zeroForOne ? token0 : token1;
        uint256 before = Tokens.balance(paid, address(this));
        ISwapCallback(msg.sender).uniswapV3SwapCallback(amount0, amount1, data);
        require(before + uint256(amount) <= Tokens.balance(paid, address(this)), "IIA");
        emit Swap(msg.sender, recipient, amount0, amount1, price, liquidity, tick);
    }

    /// Moves the price along the virtual reserves and returns what is to be paid out, rounded down.
    function advance(bool zeroForOne, uint256 amountIn) private returns (uint256 out) {
        uint256 afterFee = (amountIn * (1_000_000 - fee)) / 1_000_000;
        uint256 reserve0 = (uint256(liquidity) << 96) / price;
        uint256 reserve1 = uint256(liquidity) * price >> 96;
        (uint256 reserveIn, uint256 reserveOut) = zeroForOne ? (reserve0, reserve1) : (reserve1, reserve0);
        require(reserveIn > 0 && reserveOut > 0, "RangePool: empty");
        out = (reserveOut * afterFee) / (reserveIn + afterFee);
        if (zeroForOne) setPrice(uint160((uint256(liquidity) << 96) / (reserve0 + afterFee)));
        else setPrice(uint160(((reserve1 + afterFee) << 96) / liquidity));
    }

    function setPrice(uint160 sqrtPriceX96) private {
        require(sqrtPriceX96 > 4295128739, "R");
        price = sqrtPriceX96;
        tick = tickOf(sqrtPriceX96);
    }

    function balances() private view returns (uint256, uint256) {
        return (Tokens.balance(token0, address(this)), Tokens.balance(token1, address(this)));
    }

    /// log(price) to the base 1.0001: the binary logarithm by repeated squaring, then the base changed. Within one tick.
    function tickOf(uint160 sqrtPriceX96) private pure returns (int24) {
        uint256 value = sqrtPriceX96;
        int256 log = -96;
        while (value >= 1 << 128) {
            value >>= 1;
            log++;
        }
        uint256 top = 127;
        while (value < uint256(1) << top) top--;
        log += int256(top);
        uint256 mantissa = value << (127 - top);
        for (uint256 i = 0; i < 20; i++) {
            mantissa = (mantissa * mantissa) >> 127;
            log *= 2;
            if (mantissa >= 1 << 128) {
                mantissa >>= 1;
                log++;
            }
        }
        // two times log2 (the price is the square), over log2(1.0001), which is 1 / 6931.8183...
        int256 scaled = log * 2 * 69318183;
        int256 unit = int256(10_000) << 20;
        return int24(scaled >= 0 ? scaled / unit : (scaled - unit + 1) / unit);
    }
}
