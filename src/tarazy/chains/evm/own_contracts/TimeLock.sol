// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.25;

interface IFungible {
    function transfer(address to, uint256 amount) external returns (bool);
    function transferFrom(address from, address to, uint256 amount) external returns (bool);
    function balanceOf(address holder) external view returns (uint256);
}

interface IPositions {
    function transferFrom(address from, address to, uint256 id) external;
    function ownerOf(uint256 id) external view returns (address);
}

/// Holds tokens, shares of pools and pool positions (ERC-721) until a time. Nobody administers it: no fee, no pause, no
/// early release, no upgrade. A lock can be prolonged and given to another owner, never shortened.
///
/// Invariants: for every token, balanceOf(this) >= lockedOf[token] at the end of every call; `end` of a lock never falls;
/// `unlocked` never exceeds what is due and never falls.
/// Known limits: a token that takes balances away by itself breaks the first. What is sent here without a lock stays.
contract TimeLock {
    enum Release {
        Cliff, // all at the end
        Linear // evenly from start to end
    }

    struct TokenLock {
        uint256 id;
        address owner;
        address token;
        uint128 amount;
        uint128 unlocked;
        uint64 start;
        uint64 end;
        Release release;
    }

    struct PositionLock {
        uint256 id;
        address owner;
        address manager; // the ERC-721 contract of the position
        uint256 position;
        uint64 start;
        uint64 end;
        bool withdrawn;
    }

    uint256 public lockCount;
    mapping(address token => uint256) public lockedOf;
    mapping(uint256 id => TokenLock) private _tokenLocks;
    mapping(uint256 id => PositionLock) private _positionLocks;
    mapping(address token => uint256[]) private _idsOfToken;
    uint256[] private _idsOfPositions;
    bool private _entered;

    event TokensLocked(
        uint256 indexed id,
        address indexed token,
        address indexed owner,
        uint256 amount,
        uint64 start,
        uint64 end,
        Release release
    );
    event PositionLocked(uint256 indexed id, address indexed manager, address indexed owner, uint256 position, uint64 end);
    event Withdrawn(uint256 indexed id, address indexed owner, uint256 amount);
    event Extended(uint256 indexed id, uint64 before, uint64 end);
    event OwnerChanged(uint256 indexed id, address indexed before, address indexed owner);

    error Reentered();
    error NoSuchLock(uint256 id);
    error NotTheOwner(uint256 id, address caller);
    error ZeroAddress();
    error TimesOutOfOrder(uint64 start, uint64 end);
    error NothingReceived(address token);
    error AmountTooLarge(uint256 amount);
    error StillLocked(uint256 id, uint64 end);
    error NothingDue(uint256 id);
    error NotLater(uint64 before, uint64 end);
    error AlreadyWithdrawn(uint256 id);
    error TransferFailed(address token);

    modifier alone() {
        if (_entered) revert Reentered();
        _entered = true;
        _;
        _entered = false;
    }

    // ------------------------------------------------------------ lock

    /// Lock `amount` of the caller's tokens for `owner`. What counts is what arrives. `start` 0 is now; never the past.
    function lockTokens(address token, uint256 amount, address owner, uint64 start, uint64 end, Release release)
        external
        alone
        returns (uint256 id)
    {
        if (owner == address(0)) revert ZeroAddress();
        if (start == 0) start = uint64(block.timestamp);
        if (start < block.timestamp || end <= start) revert TimesOutOfOrder(start, end);
        uint256 before = IFungible(token).balanceOf(address(this));
        _call(token, abi.encodeCall(IFungible.transferFrom, (msg.sender, address(this), amount)));
        uint256 received = IFungible(token).balanceOf(address(this)) - before;
        if (received == 0) revert NothingReceived(token);
        if (received > type(uint128).max) revert AmountTooLarge(received);
        id = ++lockCount;
        _tokenLocks[id] = TokenLock(id, owner, token, uint128(received), 0, start, end, release);
        _idsOfToken[token].push(id);
        lockedOf[token] += received;
        emit TokensLocked(id, token, owner, received, start, end, release);
    }

    /// Lock a position of the caller's for `owner`, whole, until `end`.
    function lockPosition(address manager, uint256 position, address owner, uint64 end)
        external
        alone
        returns (uint256 id)
    {
        if (owner == address(0)) revert ZeroAddress();
        uint64 start = uint64(block.timestamp);
        if (end <= start) revert TimesOutOfOrder(start, end);
        if (IPositions(manager).ownerOf(position) == address(this)) revert NothingReceived(manager);
        IPositions(manager).transferFrom(msg.sender, address(this), position);
        if (IPositions(manager).ownerOf(position) != address(this)) revert NothingReceived(manager);
        id = ++lockCount;
        _positionLocks[id] = PositionLock(id, owner, manager, position, start, end, false);
        _idsOfPositions.push(id);
        emit PositionLocked(id, manager, owner, position, end);
    }

    // ------------------------------------------------------------ withdraw, prolong, hand over

    /// Send to the owner what is due of a lock of tokens, or a position whose time has come.
    function withdraw(uint256 id) external alone {
        if (_positionLocks[id].owner != address(0)) _withdrawPosition(_positionLocks[id]);
        else _withdrawTokens(_tokenLocks[id]);
    }

    function _withdrawTokens(TokenLock storage lock) private {
        _onlyOwner(lock.owner, lock.id);
        uint256 amount = _due(lock);
        if (amount == 0) revert NothingDue(lock.id);
        lock.unlocked += uint128(amount);
        lockedOf[lock.token] -= amount;
        emit Withdrawn(lock.id, lock.owner, amount);
        _call(lock.token, abi.encodeCall(IFungible.transfer, (lock.owner, amount)));
    }

    function _withdrawPosition(PositionLock storage lock) private {
        _onlyOwner(lock.owner, lock.id);
        if (lock.withdrawn) revert AlreadyWithdrawn(lock.id);
        if (block.timestamp < lock.end) revert StillLocked(lock.id, lock.end);
        lock.withdrawn = true;
        emit Withdrawn(lock.id, lock.owner, 1);
        IPositions(lock.manager).transferFrom(address(this), lock.owner, lock.position);
    }

    /// Put the end of a lock off. Of a linear lock, what was withdrawn stays withdrawn and the rest is due later.
    function extend(uint256 id, uint64 end) external alone {
        bool isPosition = _positionLocks[id].owner != address(0);
        _onlyOwner(ownerOf(id), id);
        uint64 before = isPosition ? _positionLocks[id].end : _tokenLocks[id].end;
        if (end <= before) revert NotLater(before, end);
        if (isPosition) _positionLocks[id].end = end;
        else _tokenLocks[id].end = end;
        emit Extended(id, before, end);
    }

    /// Give a lock to another owner, who alone may then withdraw.
    function giveTo(uint256 id, address owner) external alone {
        if (owner == address(0)) revert ZeroAddress();
        address before = ownerOf(id);
        _onlyOwner(before, id);
        if (_positionLocks[id].owner != address(0)) _positionLocks[id].owner = owner;
        else _tokenLocks[id].owner = owner;
        emit OwnerChanged(id, before, owner);
    }

    // ------------------------------------------------------------ look

    function ownerOf(uint256 id) public view returns (address) {
        address owner = _positionLocks[id].owner;
        return owner == address(0) ? _tokenLocks[id].owner : owner;
    }

    function tokenLock(uint256 id) external view returns (TokenLock memory) {
        if (_tokenLocks[id].owner == address(0)) revert NoSuchLock(id);
        return _tokenLocks[id];
    }

    function positionLock(uint256 id) external view returns (PositionLock memory) {
        if (_positionLocks[id].owner == address(0)) revert NoSuchLock(id);
        return _positionLocks[id];
    }

    /// What the owner could withdraw now.
    function due(uint256 id) external view returns (uint256) {
        return _due(_tokenLocks[id]);
    }

    function tokenLockCount(address token) external view returns (uint256) {
        return _idsOfToken[token].length;
    }

    /// A page of the locks of one token, oldest first.
    function tokenLocks(address token, uint256 first, uint256 count) external view returns (TokenLock[] memory page) {
        uint256[] storage ids = _idsOfToken[token];
        page = new TokenLock[](_pageSize(ids.length, first, count));
        for (uint256 i = 0; i < page.length; i++) page[i] = _tokenLocks[ids[first + i]];
    }

    function positionLockCount() external view returns (uint256) {
        return _idsOfPositions.length;
    }

    /// A page of the locks of positions, oldest first.
    function positionLocks(uint256 first, uint256 count) external view returns (PositionLock[] memory page) {
        page = new PositionLock[](_pageSize(_idsOfPositions.length, first, count));
        for (uint256 i = 0; i < page.length; i++) page[i] = _positionLocks[_idsOfPositions[first + i]];
    }

    // ------------------------------------------------------------ within

    function _due(TokenLock storage lock) private view returns (uint256) {
        uint256 amount = lock.amount;
        uint256 released = 0;
        if (block.timestamp >= lock.end) released = amount;
        else if (lock.release == Release.Linear && block.timestamp > lock.start) {
            // 128 bits times 64 cannot overflow; rounded down, so that nothing is due early
            released = amount * (block.timestamp - lock.start) / (lock.end - lock.start);
        }
        return released > lock.unlocked ? released - lock.unlocked : 0;
    }

    function _pageSize(uint256 length, uint256 first, uint256 count) private pure returns (uint256) {
        if (first >= length) return 0;
        return length - first < count ? length - first : count;
    }

    function _onlyOwner(address owner, uint256 id) private view {
        if (owner == address(0)) revert NoSuchLock(id);
        if (owner != msg.sender) revert NotTheOwner(id, msg.sender);
    }

    /// Call a token that may answer true, or nothing as old tokens do.
    function _call(address token, bytes memory data) private {
        if (token.code.length == 0) revert TransferFailed(token);
        (bool succeeded, bytes memory answer) = token.call(data);
        if (!succeeded || (answer.length != 0 && !abi.decode(answer, (bool)))) revert TransferFailed(token);
    }
}
