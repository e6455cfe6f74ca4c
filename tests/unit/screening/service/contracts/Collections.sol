// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.25;

/// Collections with approvals, as a wallet's open approvals are read from their logs.

contract Pieces {
    event Approval(address indexed owner, address indexed approved, uint256 indexed tokenId);
    event ApprovalForAll(address indexed owner, address indexed operator, bool approved);

    string public name = "Pieces";
    string public symbol = "PCS";
    mapping(uint256 => address) public ownerOf;
    mapping(uint256 => address) public getApproved;
    mapping(address => mapping(address => bool)) public isApprovedForAll;
    mapping(address => uint256) public balanceOf;

    function supportsInterface(bytes4 id) external pure virtual returns (bool) {
        return id == 0x80ac58cd || id == 0x01ffc9a7;
    }

    function make(uint256 piece) external {
        require(ownerOf[piece] == address(0), "taken");
        ownerOf[piece] = msg.sender;
        balanceOf[msg.sender] += 1;
    }

    function approve(address to, uint256 piece) external {
        require(ownerOf[piece] == msg.sender, "not yours");
        getApproved[piece] = to;
        emit Approval(msg.sender, to, piece);
    }

    function setApprovalForAll(address operator, bool approved) external {
        isApprovedForAll[msg.sender][operator] = approved;
        emit ApprovalForAll(msg.sender, operator, approved);
    }
}

contract Kinds is Pieces {
    function supportsInterface(bytes4 id) external pure override returns (bool) {
        return id == 0xd9b67a26 || id == 0x01ffc9a7;
    }
}
