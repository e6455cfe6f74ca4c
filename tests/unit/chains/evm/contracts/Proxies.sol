// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.0;

/// Delegates every call to the address in a slot; each heir keeps its target elsewhere.
abstract contract Delegating {
    function _target() internal view virtual returns (address);

    fallback() external payable {
        address target = _target();
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), target, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if iszero(done) {
                revert(0, returndatasize())
            }
            return(0, returndatasize())
        }
    }

    function _load(bytes32 slot) internal view returns (address found) {
        assembly {
            found := sload(slot)
        }
    }

    function _store(bytes32 slot, address value) internal {
        assembly {
            sstore(slot, value)
        }
    }
}

/// Keeps its target in any slot that its maker chose; the admin in the ERC-1967 slot may change it.
contract SlotProxy is Delegating {
    bytes32 private constant ADMIN = bytes32(uint256(keccak256("eip1967.proxy.admin")) - 1);
    bytes32 private immutable SLOT;

    constructor(bytes32 slot, address target, address admin) {
        SLOT = slot;
        _store(slot, target);
        _store(ADMIN, admin);
    }

    function upgradeTo(address target) external {
        require(msg.sender == _load(ADMIN), "not the admin");
        _store(SLOT, target);
    }

    function _target() internal view override returns (address) {
        return _load(SLOT);
    }
}

/// Asks a beacon for its target.
contract BeaconProxy is Delegating {
    bytes32 private constant BEACON = bytes32(uint256(keccak256("eip1967.proxy.beacon")) - 1);

    constructor(address beacon) {
        _store(BEACON, beacon);
    }

    function _target() internal view override returns (address) {
        return Beacon(_load(BEACON)).implementation();
    }
}

contract Beacon {
    address public implementation;
    address public owner = msg.sender;

    constructor(address target) {
        implementation = target;
    }

    function upgradeTo(address target) external {
        require(msg.sender == owner, "not the owner");
        implementation = target;
    }
}

/// Owns proxies, as an admin contract does.
contract Admin {
    address public owner = msg.sender;

    function upgrade(address proxy, address target) external {
        require(msg.sender == owner, "not the owner");
        SlotProxy(payable(proxy)).upgradeTo(target);
    }
}

/// Keeps its target where only the running code can tell: under the number of the chain in a mapping.
contract ComputedProxy is Delegating {
    mapping(uint256 => address) private targets;

    constructor(address target) {
        targets[block.chainid] = target;
    }

    function _target() internal view override returns (address) {
        return targets[block.chainid];
    }
}

/// The same, and shows its target by ERC-897.
contract ShowingProxy is ComputedProxy {
    constructor(address target) ComputedProxy(target) {}

    function implementation() external view returns (address) {
        return _target();
    }
}
