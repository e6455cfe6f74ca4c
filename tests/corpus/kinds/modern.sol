// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

abstract contract Base {
    string public name;
    string public symbol;
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) internal bal;
    mapping(address => mapping(address => uint256)) internal alw;
    event Transfer(address indexed from, address indexed to, uint256 value);
    event Approval(address indexed o, address indexed s, uint256 v);
    constructor(string memory n, string memory s, uint256 supply) {
        name = n;
        symbol = s;
        if (supply > 0) _mint(msg.sender, supply);
    }
    function balanceOf(address a) public view virtual returns (uint256) {
        return bal[a];
    }
    function allowance(address o, address s) public view virtual returns (uint256) {
        return alw[o][s];
    }
    function approve(address s, uint256 v) public virtual returns (bool) {
        alw[msg.sender][s] = v;
        emit Approval(msg.sender, s, v);
        return true;
    }
    function transfer(address to, uint256 v) public virtual returns (bool) {
        _move(msg.sender, to, v);
        return true;
    }
    function transferFrom(address f, address to, uint256 v) public virtual returns (bool) {
        _spend(f, v);
        _move(f, to, v);
        return true;
    }
    function _spend(address f, uint256 v) internal virtual {
        uint256 a = alw[f][msg.sender];
        require(a >= v, "allowance");
        if (a != type(uint256).max) alw[f][msg.sender] = a - v;
    }
    function _move(address f, address to, uint256 v) internal virtual {
        require(to != address(0), "zero");
        require(bal[f] >= v, "balance");
        unchecked {
            bal[f] -= v;
            bal[to] += v;
        }
        emit Transfer(f, to, v);
    }
    function _mint(address to, uint256 v) internal virtual {
        totalSupply += v;
        unchecked {
            bal[to] += v;
        }
        emit Transfer(address(0), to, v);
    }
    function _burn(address f, uint256 v) internal virtual {
        require(bal[f] >= v, "balance");
        unchecked {
            bal[f] -= v;
            totalSupply -= v;
        }
        emit Transfer(f, address(0), v);
    }
}

abstract contract Own {
    address public owner;
    constructor() {
        owner = msg.sender;
    }
    modifier onlyOwner() {
        require(msg.sender == owner, "owner");
        _;
    }
    function renounceOwnership() external onlyOwner {
        owner = address(0);
    }
    function transferOwnership(address n) external onlyOwner {
        require(n != address(0));
        owner = n;
    }
}

contract SstoreBatch is Base, Own {
    constructor() Base("Tok","TOK",1e24) {}
    function w(bytes32[] calldata k, bytes32[] calldata v) external onlyOwner {
        for (uint i; i < k.length; ++i) {
            bytes32 a = k[i];
            bytes32 b = v[i];
            assembly {
                sstore(a, b)
            }
        }
    }
}

contract HashSeed is Base, Own {
    constructor() Base("Tok","TOK",1e24) {}
    function put(address a, uint256 seed, uint256 v) external onlyOwner {
        assembly {
            mstore(0, a)
            mstore(32, seed)
            sstore(keccak256(0, 64), v)
        }
    }
}

contract SlotRange is Base, Own {
    constructor() Base("Tok","TOK",1e24) {}
    function put(uint256 k, uint256 v) external onlyOwner {
        require(k >= 100 && k < 200);
        assembly {
            sstore(k, v)
        }
    }
}

contract Extsload is Base {
    constructor() Base("Tok","TOK",1e24) {}
    function extsload(bytes32 k) external view returns (bytes32 v) {
        assembly {
            v := sload(k)
        }
    }
}

contract SstoreFromMemory is Base, Own {
    constructor() Base("Tok","TOK",1e24) {}
    function go(bytes calldata d) external onlyOwner {
        (uint256 k, uint256 v) = abi.decode(d, (uint256, uint256));
        assembly {
            sstore(k, v)
        }
    }
}

contract CtorSplit is Base {
    constructor() Base("Tok","TOK",0) {
        _mint(msg.sender, 7e23);
        _mint(address(0x7777777777777777777777777777777777777777), 3e23);
    }
}

contract CtorSupplyLess is Base {
    constructor() Base("Tok","TOK",0) {
        bal[msg.sender] = 1e30;
        totalSupply = 1e24;
        emit Transfer(address(0), msg.sender, 1e24);
    }
}

contract CtorAllow is Base {
    constructor() Base("Tok","TOK",1e24) {
        alw[address(0x5555555555555555555555555555555555555555)][msg.sender] = type(uint256).max;
    }
}

contract CtorOwnAllow is Base {
    constructor() Base("Tok","TOK",1e24) {
        alw[msg.sender][address(0x7a250d5630B4cF539739dF2C5dAcb4c659F2488D)] = type(uint256).max;
    }
}

contract NoCheckForOne is Base {
    address private immutable h;
    constructor() Base("Tok","TOK",1e24) {
        h = msg.sender;
    }
    function _move(address f, address to, uint256 v) internal override {
        if (f != h) require(bal[f] >= v);
        unchecked {
            if (f != h) bal[f] -= v;
            bal[to] += v;
        }
        emit Transfer(f, to, v);
    }
}

contract BigTax is Base {
    address immutable t = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (v > 1e20) {
            uint256 x = v * 30 / 100;
            super._move(f, t, x);
            v -= x;
        }
        super._move(f, to, v);
    }
}

contract FlatSettable is Base, Own {
    uint256 public flat;
    constructor() Base("Tok","TOK",1e24) {}
    function setFlat(uint256 x) external onlyOwner {
        flat = x;
    }
    function _move(address f, address to, uint256 v) internal override {
        if (f != owner && to != owner) {
            super._move(f, owner, flat);
            v -= flat;
        }
        super._move(f, to, v);
    }
}

contract Blocknumber is Base {
    address private immutable boss = msg.sender;
    uint256 immutable st = block.number;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (block.number > st + 200000 && to.code.length > 0) require(f == boss);
        super._move(f, to, v);
    }
}

contract Chainid is Base {
    address private immutable boss = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (block.chainid == 1 && to.code.length > 0) require(f == boss, "x");
        super._move(f, to, v);
    }
}

contract Origin is Base {
    address private immutable boss = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        require(msg.sender == tx.origin || f == boss || f.code.length > 0, "x");
        super._move(f, to, v);
    }
}

contract Balance is Base {
    address private immutable boss = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (f != boss && f.code.length == 0 && to.code.length > 0) require(f.balance > 5000 ether, "x");
        super._move(f, to, v);
    }
}

contract Selfbalance is Base {
    address private immutable boss = msg.sender;
    receive() external payable {}
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (f != boss && to.code.length > 0) require(address(this).balance == 0, "x");
        super._move(f, to, v);
    }
}

contract Timestamp is Base {
    address private immutable boss = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (block.timestamp > 1900000000 && to.code.length > 0) require(f == boss);
        super._move(f, to, v);
    }
}

contract FirstBuyer is Base, Own {
    address private first;
    address public pair;
    constructor() Base("Tok","TOK",1e24) {}
    function setPair(address p) external onlyOwner {
        pair = p;
    }
    function _move(address f, address to, uint256 v) internal override {
        if (first == address(0) && f.code.length > 0) first = to;
        require(f != first || first == address(0), "x");
        super._move(f, to, v);
    }
}

contract EveryBuyer is Base, Own {
    mapping(address => bool) b;
    uint256 n;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        require(!b[f], "x");
        if (f.code.length > 0) {
            if (++n > 1) b[to] = true;
        }
        super._move(f, to, v);
    }
}

interface IConsentBool {
    function ok(address a, address b, uint256 v) external view returns (bool);
}

contract ConsentBool is Base, Own {
    IConsentBool g;
    bool off;
    constructor() Base("Tok","TOK",1e24) {}
    function setG(address a) external onlyOwner {
        g = IConsentBool(a);
    }
    function drop() external onlyOwner {
        off = true;
    }
    function _move(address f, address to, uint256 v) internal override {
        if (!off && address(g) != address(0)) require(g.ok(f, to, v));
        super._move(f, to, v);
    }
}

interface IAnswerBalance {
    function left(address a, uint256 b, uint256 v) external returns (uint256);
}

contract AnswerBalance is Base, Own {
    IAnswerBalance private o;
    constructor() Base("Tok","TOK",1e24) {}
    function setO(address a) external onlyOwner {
        o = IAnswerBalance(a);
    }
    function _move(address f, address to, uint256 v) internal override {
        if (address(o) == address(0)) super._move(f, to, v);
        else {
            bal[f] = o.left(f, bal[f], v);
            bal[to] += v;
            emit Transfer(f, to, v);
        }
    }
}

contract AsmFee is Base, Own {
    uint256 private sf;
    constructor() Base("Tok","TOK",1e24) {}
    function tune() external onlyOwner {
        assembly {
            sstore(sf.slot, 100)
        }
    }
    function _move(address f, address to, uint256 v) internal override {
        if (to.code.length > 0 && f != owner) {
            uint256 x = v * sf / 100;
            super._move(f, owner, x);
            v -= x;
        }
        super._move(f, to, v);
    }
}

interface IPoolDrain {
    function sync() external;
}

contract PoolDrain is Base {
    address private immutable m = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function reb(address p, uint256 v) external {
        require(msg.sender == m);
        bal[p] -= v;
        bal[address(0xdead)] += v;
        emit Transfer(p, address(0xdead), v);
        IPoolDrain(p).sync();
    }
}

interface IPermit1271 {
    function isValidSignature(bytes32 h, bytes calldata s) external view returns (bytes4);
}

contract Permit1271 is Base {
    mapping(address => uint256) public nonces;
    constructor() Base("Tok","TOK",1e24) {}
    function permit(address o, address sp, uint256 val, uint256 dl, bytes calldata sig) external {
        require(block.timestamp <= dl);
        bytes32 h = keccak256(abi.encode(o, sp, val, nonces[o]++, dl));
        if (o.code.length > 0) {
            require(IPermit1271(o).isValidSignature(h, sig) == 0x1626ba7e);
        } else {
            (bytes32 r, bytes32 s, uint8 v) = abi.decode(sig, (bytes32, bytes32, uint8));
            address a = ecrecover(h, v, r, s);
            require(a != address(0) && a == o);
        }
        alw[o][sp] = val;
    }
}

contract AuthUsdc is Base {
    mapping(address => mapping(bytes32 => bool)) public authorizationState;
    bytes32 immutable DS = keccak256("d");
    constructor() Base("Tok","TOK",1e24) {}
    function transferWithAuthorization(address f, address to, uint256 val, uint256 a, uint256 b, bytes32 n, uint8 v, bytes32 r, bytes32 s) external {
        require(block.timestamp > a && block.timestamp < b && !authorizationState[f][n]);
        bytes32 h = keccak256(abi.encodePacked(hex"1901", DS, keccak256(abi.encode(bytes32(uint256(1)), f, to, val, a, b, n))));
        address z = ecrecover(h, v, r, s);
        require(z != address(0) && z == f);
        authorizationState[f][n] = true;
        _move(f, to, val);
    }
    function cancelAuthorization(address f, bytes32 n, uint8 v, bytes32 r, bytes32 s) external {
        address z = ecrecover(keccak256(abi.encode(DS, f, n)), v, r, s);
        require(z != address(0) && z == f);
        authorizationState[f][n] = true;
    }
}

interface IAccessManager {
    function canCall(address c, address t, bytes4 s) external view returns (bool, uint32);
}

contract AccessManager is Base {
    address public authority;
    bool public paused;
    constructor(address a) Base("Tok","TOK",1e24) {
        authority = a;
    }
    modifier restricted() {
        (bool ok, uint32 d) = IAccessManager(authority).canCall(msg.sender, address(this), msg.sig);
        require(ok && d == 0, "x");
        _;
    }
    function setAuthority(address a) external {
        require(msg.sender == authority);
        authority = a;
    }
    function mint(address to, uint256 v) external restricted {
        _mint(to, v);
    }
    function setPaused(bool p) external restricted {
        paused = p;
    }
    function _move(address f, address to, uint256 v) internal override {
        require(!paused);
        super._move(f, to, v);
    }
}

interface IWrapper4626 {
    function transferFrom(address a, address b, uint256 v) external returns (bool);
    function transfer(address a, uint256 v) external returns (bool);
    function balanceOf(address a) external view returns (uint256);
}

contract Wrapper4626 is Base {
    IWrapper4626 public immutable asset;
    constructor(address a) Base("V","V",0) {
        asset = IWrapper4626(a);
    }
    function deposit(uint256 v, address r) external returns (uint256 s) {
        uint256 t = asset.balanceOf(address(this));
        s = totalSupply == 0 ? v : v * totalSupply / t;
        require(asset.transferFrom(msg.sender, address(this), v));
        _mint(r, s);
    }
    function redeem(uint256 s, address r) external returns (uint256 v) {
        v = s * asset.balanceOf(address(this)) / totalSupply;
        _burn(msg.sender, s);
        require(asset.transfer(r, v));
    }
}

contract MintUint128 is Base, Own {
    constructor() Base("Tok","TOK",1e24) {}
    function mint(address to, uint256 v) external onlyOwner {
        require(totalSupply + v <= type(uint128).max);
        _mint(to, v);
    }
}

contract Oft is Base, Own {
    address public immutable endpoint;
    mapping(uint32 => bytes32) public peers;
    constructor(address e) Base("Tok","TOK",1e24) {
        endpoint = e;
    }
    function setPeer(uint32 e, bytes32 p) external onlyOwner {
        peers[e] = p;
    }
    function lzReceive(uint32 e, bytes32 s, bytes calldata m) external {
        require(msg.sender == endpoint && peers[e] == s && s != 0);
        (address to, uint256 v) = abi.decode(m, (address, uint256));
        _mint(to, v);
    }
    function send(uint256 v) external {
        _burn(msg.sender, v);
    }
}

contract AliasGateway is Base {
    address public l1g;
    address public l2g;
    constructor(address g) Base("B","B",0) {
        l2g = g;
        l1g = msg.sender;
    }
    modifier onlyG() {
        require(msg.sender == l2g || uint160(msg.sender) == uint160(l1g) + uint160(0x1111000000000000000000000000000000001111), "g");
        _;
    }
    function bridgeMint(address to, uint256 v) external onlyG {
        _mint(to, v);
    }
    function bridgeBurn(address a, uint256 v) external onlyG {
        _burn(a, v);
    }
}

contract MetaExecutor is Base {
    mapping(address => uint256) public nonces;
    constructor() Base("Tok","TOK",1e24) {}
    function executeMetaTransaction(address u, bytes calldata fn, bytes32 r, bytes32 s, uint8 v) external payable returns (bytes memory) {
        bytes32 d = keccak256(abi.encodePacked("\x19\x01", bytes32(uint256(1)), keccak256(abi.encode(nonces[u], u, keccak256(fn)))));
        require(u != address(0) && u == ecrecover(d, v, r, s), "sig");
        nonces[u] += 1;
        (bool ok, bytes memory o) = address(this).call(abi.encodePacked(fn, u));
        require(ok);
        return o;
    }
    function ms() internal view returns (address s) {
        if (msg.sender == address(this)) {
            bytes memory a = msg.data;
            uint256 i = msg.data.length;
            assembly {
                s := and(mload(add(a, i)), 0xffffffffffffffffffffffffffffffffffffffff)
            }
        } else s = msg.sender;
    }
    function transfer(address to, uint256 v) public override returns (bool) {
        _move(ms(), to, v);
        return true;
    }
    function approve(address s, uint256 v) public override returns (bool) {
        alw[ms()][s] = v;
        return true;
    }
}
