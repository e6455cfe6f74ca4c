// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.25;

import "./Erc20.sol";

/// Fixed supply with votes that a holder delegates (ERC-5805, by block number) and approvals by signature (ERC-2612).
/// Votes follow balances; they never hold a transfer back.
contract VotesToken is Erc20 {
    struct Checkpoint {
        uint48 fromBlock;
        uint208 votes;
    }

    bytes32 private constant DOMAIN_TYPE =
        keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)");
    bytes32 private constant PERMIT_TYPE =
        keccak256("Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)");
    bytes32 private constant DELEGATION_TYPE = keccak256("Delegation(address delegatee,uint256 nonce,uint256 expiry)");
    // Signatures exist in pairs; only the one with the smaller s counts.
    uint256 private constant S_MAX = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0;

    bytes32 private immutable _nameHash;
    mapping(address holder => uint256) public nonces;
    mapping(address holder => address) public delegates;
    mapping(address delegate => uint256) private _counts;
    mapping(address delegate => mapping(uint256 place => Checkpoint)) private _checkpoints;

    event DelegateChanged(address indexed delegator, address indexed fromDelegate, address indexed toDelegate);
    event DelegateVotesChanged(address indexed delegate, uint256 previousVotes, uint256 newVotes);

    error SignatureExpired(uint256 deadline);
    error SignatureWrong();
    error FutureLookup(uint256 asked, uint256 now_);

    constructor(string memory name_, string memory symbol_, uint8 decimals_, uint256 supply, address holder)
        Erc20(name_, symbol_, decimals_, supply, holder)
    {
        if (supply > type(uint208).max) revert SupplyTooLarge(supply, type(uint208).max);
        _nameHash = keccak256(bytes(name_));
    }

    // ------------------------------------------------------------ approvals by signature

    function DOMAIN_SEPARATOR() public view returns (bytes32) {
        return keccak256(abi.encode(DOMAIN_TYPE, _nameHash, keccak256("1"), block.chainid, address(this)));
    }

    function permit(
        address holder,
        address spender,
        uint256 amount,
        uint256 deadline,
        uint8 v,
        bytes32 r,
        bytes32 s
    ) external {
        bytes32 content = keccak256(abi.encode(PERMIT_TYPE, holder, spender, amount, nonces[holder], deadline));
        if (_signer(content, deadline, v, r, s) != holder) revert SignatureWrong();
        nonces[holder]++;
        _approve(holder, spender, amount);
    }

    function _signer(bytes32 content, uint256 deadline, uint8 v, bytes32 r, bytes32 s) private view returns (address) {
        if (block.timestamp > deadline) revert SignatureExpired(deadline);
        if (uint256(s) > S_MAX) revert SignatureWrong();
        address signer = ecrecover(keccak256(abi.encodePacked("\x19\x01", DOMAIN_SEPARATOR(), content)), v, r, s);
        if (signer == address(0)) revert SignatureWrong();
        return signer;
    }

    // ------------------------------------------------------------ votes

    function clock() public view returns (uint48) {
        return uint48(block.number);
    }

    function CLOCK_MODE() external pure returns (string memory) {
        return "mode=blocknumber&from=default";
    }

    function delegate(address delegatee) external {
        _delegate(msg.sender, delegatee);
    }

    function delegateBySig(address delegatee, uint256 nonce, uint256 expiry, uint8 v, bytes32 r, bytes32 s) external {
        address signer = _signer(keccak256(abi.encode(DELEGATION_TYPE, delegatee, nonce, expiry)), expiry, v, r, s);
        if (nonce != nonces[signer]++) revert SignatureWrong();
        _delegate(signer, delegatee);
    }

    function getVotes(address account) external view returns (uint256) {
        return _latest(account, _counts[account]).votes;
    }

    function getPastVotes(address account, uint256 blockNumber) external view returns (uint256) {
        if (blockNumber >= block.number) revert FutureLookup(blockNumber, block.number);
        uint256 low = 0;
        uint256 high = _counts[account];
        while (low < high) {
            uint256 middle = (low + high) / 2;
            if (_checkpoints[account][middle].fromBlock > blockNumber) high = middle;
            else low = middle + 1;
        }
        return _latest(account, low).votes;
    }

    function getPastTotalSupply(uint256 blockNumber) external view returns (uint256) {
        if (blockNumber >= block.number) revert FutureLookup(blockNumber, block.number);
        return totalSupply; // it never changes
    }

    function _delegate(address holder, address delegatee) private {
        address before = delegates[holder];
        delegates[holder] = delegatee;
        emit DelegateChanged(holder, before, delegatee);
        _moveVotes(before, delegatee, balanceOf[holder]);
    }

    function _transfer(address from, address to, uint256 amount) internal override {
        _move(from, to, amount);
        _moveVotes(delegates[from], delegates[to], amount);
    }

    function _moveVotes(address from, address to, uint256 amount) private {
        if (from == to || amount == 0) return;
        if (from != address(0)) _write(from, amount, false);
        if (to != address(0)) _write(to, amount, true);
    }

    /// Unchecked throughout, so that nothing here can hold a transfer back: a delegate's votes are the balances behind him,
    /// which together never exceed the supply, and that fits.
    function _write(address account, uint256 amount, bool more) private {
        unchecked {
            uint256 count = _counts[account];
            Checkpoint memory latest = _latest(account, count);
            uint256 votes = more ? latest.votes + amount : latest.votes - amount;
            if (count == 0 || latest.fromBlock != block.number) _counts[account] = ++count;
            _checkpoints[account][count - 1] = Checkpoint(clock(), uint208(votes));
            emit DelegateVotesChanged(account, latest.votes, votes);
        }
    }

    /// The last of `count` checkpoints; none is zero votes.
    function _latest(address account, uint256 count) private view returns (Checkpoint memory latest) {
        unchecked {
            if (count != 0) latest = _checkpoints[account][count - 1];
        }
    }
}
