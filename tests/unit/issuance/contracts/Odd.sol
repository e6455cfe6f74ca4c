// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.25;

/// Tokens as they should not be, and stand-ins for pools: what a time lock must live with.

contract Plain {
    mapping(address => uint256) public balanceOf;

    function give(address to, uint256 amount) external {
        balanceOf[to] += amount;
    }

    function _move(address from, address to, uint256 amount) internal {
        balanceOf[from] -= amount;
        balanceOf[to] += amount;
    }
}

/// Calls somebody back in the middle of a transfer.
contract Reentering is Plain {
    address private _target;
    bytes private _data;
    bytes4 public refusal;
    bool public succeeded;

    function arm(address target, bytes calldata data) external {
        _target = target;
        _data = data;
    }

    function _callBack() private {
        if (_target == address(0)) return;
        bytes memory answer;
        (succeeded, answer) = _target.call(_data);
        refusal = answer.length < 4 ? bytes4(0) : bytes4(answer);
    }

    function transfer(address to, uint256 amount) external returns (bool) {
        _callBack();
        _move(msg.sender, to, amount);
        return true;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _callBack();
        _move(from, to, amount);
        return true;
    }
}

/// Answers nothing, as old tokens do.
contract Silent is Plain {
    function transfer(address to, uint256 amount) external {
        _move(msg.sender, to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) external {
        _move(from, to, amount);
    }
}

/// Answers false and does nothing.
contract Refusing is Plain {
    function transfer(address, uint256) external pure returns (bool) {
        return false;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return false;
    }
}

/// Answers true and does nothing.
contract Lying is Plain {
    function transfer(address, uint256) external pure returns (bool) {
        return true;
    }

    function transferFrom(address, address, uint256) external pure returns (bool) {
        return true;
    }
}

/// Comes in, but answers false and stays when it should go out.
contract OneWay is Plain {
    function transfer(address, uint256) external pure returns (bool) {
        return false;
    }

    function transferFrom(address from, address to, uint256 amount) external returns (bool) {
        _move(from, to, amount);
        return true;
    }
}

/// Says it moves positions and does not.
contract LyingPositions {
    function ownerOf(uint256) external pure returns (address) {
        return address(5);
    }

    function transferFrom(address, address, uint256) external {}
}

/// A share of a pool of the second version; `getPair` of its own is what its factory is asked for.
contract Share is Silent {
    address public token0 = address(1);
    address public token1 = address(2);
    address public factory;
    address public getPairAnswer;
    uint256 public totalSupply = 1000;

    constructor(bool known) {
        factory = address(this);
        getPairAnswer = known ? address(this) : address(3);
        balanceOf[msg.sender] = 1000;
    }

    function approve(address, uint256) external pure returns (bool) {
        return true;
    }

    function getPair(address, address) external view returns (address) {
        return getPairAnswer;
    }
}

/// Positions of a pool of the third version, with factory and pool in one.
contract Positions {
    mapping(uint256 => address) public ownerOf;
    mapping(uint256 => uint128) private _liquidity;
    uint128 public liquidity = 4000;

    function make(uint256 id, address owner, uint128 amount) external {
        ownerOf[id] = owner;
        _liquidity[id] = amount;
    }

    function approve(address, uint256) external {}

    function transferFrom(address from, address to, uint256 id) external {
        require(ownerOf[id] == from, "not the owner's");
        ownerOf[id] = to;
    }

    function factory() external view returns (address) {
        return address(this);
    }

    function getPool(address, address, uint24) external view returns (address) {
        return address(this);
    }

    function positions(uint256 id)
        external
        view
        returns (
            uint96, address, address, address, uint24, int24, int24, uint128, uint256, uint256, uint128, uint128
        )
    {
        return (0, address(0), address(1), address(2), 3000, -887220, 887220, _liquidity[id], 0, 0, 0, 0);
    }
}

/// Positions of a pool of the fourth version.
contract FourthPositions {
    mapping(uint256 => address) public ownerOf;

    constructor() {
        ownerOf[7] = msg.sender;
    }

    function approve(address, uint256) external {}

    function transferFrom(address from, address to, uint256 id) external {
        require(ownerOf[id] == from, "not the owner's");
        ownerOf[id] = to;
    }

    struct PoolKey {
        address currency0;
        address currency1;
        uint24 fee;
        int24 tickSpacing;
        address hooks;
    }

    function getPoolAndPositionInfo(uint256) external pure returns (PoolKey memory key, uint256 information) {
        key = PoolKey(address(0), address(2), 500, 10, address(0));
        information = 5;
    }

    function getPositionLiquidity(uint256) external pure returns (uint128) {
        return 77;
    }
}
