// SPDX-License-Identifier: Apache-2.0
pragma solidity >=0.4.24 <0.6.0;

import "../base/Old.sol";

/// Nothing but a token, and an owner without a power.
contract Token is Old {}
