// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.4;

contract SoladyRoles {
    uint256 private constant SS = 0x05345cdf77eb68f44c;
    uint256 private constant BS = 0x87a211a2;
    uint256 private constant AS = 0x7f5e9f20;
    bytes32 private constant OS = 0xffffffffffffffffffffffffffffffffffffffffffffffffffffffff74873927;
    uint256 private constant TE = 0xddf252ad1be2c89b69c2b068fc378daa952ba7f163c4a11628f55a4df523b3ef;
    constructor() {
        assembly {
            sstore(OS, caller())
        }
        _mint(msg.sender, 1e24);
    }
    function name() public pure returns (string memory) {
        return "S";
    }
    function symbol() public pure returns (string memory) {
        return "S";
    }
    function decimals() public pure returns (uint8) {
        return 18;
    }
    function owner() public view returns (address r) {
        assembly {
            r := sload(OS)
        }
    }
    function totalSupply() public view returns (uint256 r) {
        assembly {
            r := sload(SS)
        }
    }
    function balanceOf(address o) public view returns (uint256 r) {
        assembly {
            mstore(0x0c, BS)
            mstore(0x00, o) r := sload(keccak256(0x0c, 0x20))
        }
    }
    function allowance(address o, address s) public view returns (uint256 r) {
        assembly {
            mstore(0x20, s)
            mstore(0x0c, AS)
            mstore(0x00, o) r := sload(keccak256(0x0c, 0x34))
        }
    }
    function approve(address s, uint256 v) public returns (bool) {
        assembly {
            mstore(0x20, s)
            mstore(0x0c, AS)
            mstore(0x00, caller())
            sstore(keccak256(0x0c, 0x34), v)
        }
        return true;
    }
    function transfer(address to, uint256 v) public returns (bool) {
        assembly {
            mstore(0x0c, BS)
            mstore(0x00, caller())
            let k := keccak256(0x0c, 0x20)
            let b := sload(k)
            if gt(v, b) {
                mstore(0x00, 0xf4d678b8)
                revert(0x1c, 0x04)
            }
            sstore(k, sub(b, v))
            mstore(0x00, to)
            let q := keccak256(0x0c, 0x20)
            sstore(q, add(sload(q), v))
            mstore(0x20, v)
            log3(0x20, 0x20, TE, caller(), shr(96, mload(0x0c)))
        }
        return true;
    }
    function transferFrom(address f, address to, uint256 v) public returns (bool) {
        assembly {
            let f_ := shl(96, f)
            mstore(0x20, caller())
            mstore(0x0c, or(f_, AS))
            let ak := keccak256(0x0c, 0x34)
            let a := sload(ak)
            if not(a) {
                if gt(v, a) {
                    mstore(0x00, 0x13be252b)
                    revert(0x1c, 0x04)
                }
                sstore(ak, sub(a, v))
            }
            mstore(0x0c, or(f_, BS))
            let k := keccak256(0x0c, 0x20)
            let b := sload(k)
            if gt(v, b) {
                mstore(0x00, 0xf4d678b8)
                revert(0x1c, 0x04)
            }
            sstore(k, sub(b, v))
            mstore(0x00, to)
            let q := keccak256(0x0c, 0x20)
            sstore(q, add(sload(q), v))
            mstore(0x20, v)
            log3(0x20, 0x20, TE, shr(96, f_), shr(96, mload(0x0c)))
        }
        return true;
    }
    function _mint(address to, uint256 v) internal {
        assembly {
            let b := sload(SS) let c := add(b, v) if lt(c, b) {
                mstore(0x00, 0xe5cfe957)
                revert(0x1c, 0x04)
            }
            sstore(SS, c)
            mstore(0x0c, BS)
            mstore(0x00, to)
            let q := keccak256(0x0c, 0x20)
            sstore(q, add(sload(q), v))
            mstore(0x20, v)
            log3(0x20, 0x20, TE, 0, shr(96, mload(0x0c)))
        }
    }
    modifier onlyOwner() {
        assembly {
            if iszero(eq(caller(), sload(OS))) {
                mstore(0x00, 0x82b42900)
                revert(0x1c, 0x04)
            }
        }
        _;
    }
    uint256 private constant RS = 0x8b78c6d8;
    function grantRoles(address u, uint256 r) external onlyOwner {
        assembly {
            mstore(0x0c, RS)
            mstore(0x00, u)
            let k := keccak256(0x0c, 0x20)
            sstore(k, or(sload(k), r))
        }
    }
    function rolesOf(address u) public view returns (uint256 r) {
        assembly {
            mstore(0x0c, RS)
            mstore(0x00, u) r := sload(keccak256(0x0c, 0x20))
        }
    }
    function mint(address t, uint256 v) external {
        assembly {
            mstore(0x0c, RS)
            mstore(0x00, caller())
            if iszero(and(sload(keccak256(0x0c, 0x20)), 1)) {
                revert(0, 0)
            }
        }
        _mint(t, v);
    }
}
