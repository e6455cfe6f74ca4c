// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {PairPool} from "./PairPool.sol";

/// Makes one pool for each pair of tokens and finds it again. Needs no constructor: its code may stand at any address.
contract PairFactory {
    address public feeTo;
    address public feeToSetter;
    mapping(address => mapping(address => address)) public getPair;
    address[] public allPairs;

    event PairCreated(address indexed token0, address indexed token1, address pair, uint256 count);

    function allPairsLength() external view returns (uint256) {
        return allPairs.length;
    }

    function createPair(address a, address b) external returns (address pair) {
        require(a != b, "PairFactory: IDENTICAL_ADDRESSES");
        (address token0, address token1) = a < b ? (a, b) : (b, a);
        require(token0 != address(0), "PairFactory: ZERO_ADDRESS");
        require(getPair[token0][token1] == address(0), "PairFactory: PAIR_EXISTS");
        PairPool pool = new PairPool{salt: keccak256(abi.encodePacked(token0, token1))}();
        pool.initialize(token0, token1);
        pair = address(pool);
        getPair[token0][token1] = pair;
        getPair[token1][token0] = pair;
        allPairs.push(pair);
        emit PairCreated(token0, token1, pair, allPairs.length);
    }
}
