// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

interface IToken {
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
}

interface IPool {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function mint(address to, int24 lower, int24 upper, uint128 amount, bytes calldata data)
        external
        returns (uint256, uint256);
}

/// Holds positions of a concentrated pool for its users, each under a number.
contract Positions {
    struct Position {
        address owner;
        uint128 liquidity;
    }

    uint256 public count;
    mapping(uint256 => Position) private held;
    address private payer;

    event IncreaseLiquidity(uint256 indexed tokenId, uint128 liquidity, uint256 amount0, uint256 amount1);

    function open(address pool, uint128 amount) external returns (uint256 number) {
        payer = msg.sender;
        (uint256 amount0, uint256 amount1) = IPool(pool).mint(address(this), -887220, 887220, amount, "");
        number = ++count;
        held[number] = Position(msg.sender, amount);
        emit IncreaseLiquidity(number, amount, amount0, amount1);
    }

    function hand(uint256 number, address to) external {
        require(held[number].owner == msg.sender, "not yours");
        held[number].owner = to;
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata) external {
        IToken(IPool(msg.sender).token0()).transferFrom(payer, msg.sender, amount0);
        IToken(IPool(msg.sender).token1()).transferFrom(payer, msg.sender, amount1);
    }

    function ownerOf(uint256 number) external view returns (address) {
        return held[number].owner;
    }

    /// Twelve words, of which the eighth is the liquidity.
    function positions(uint256 number) external view returns (uint256[12] memory words) {
        words[7] = held[number].liquidity;
    }
}

/// Keeps LP tokens and says how many until when; a stand-in for any lock that a reader knows.
contract Lock {
    uint256 public constant until = 2_000_000_000;
}

/// Gives balances without a log, and logs without balances.
contract Liar {
    uint256 public totalSupply = 1000;
    mapping(address => uint256) public balanceOf;

    event Transfer(address indexed from, address indexed to, uint256 value);

    constructor(address silent, address loud) {
        balanceOf[silent] = 900;
        balanceOf[msg.sender] = 100;
        emit Transfer(address(0), msg.sender, 100);
        emit Transfer(address(0), loud, 1_000_000);
    }
}
