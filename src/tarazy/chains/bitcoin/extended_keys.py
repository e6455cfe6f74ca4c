"""Extended private keys (BIP-32) of cold wallets: they sign the inputs whose key origins name them."""

from __future__ import annotations

from embit.bip32 import HDKey
from embit.psbt import PSBT
from embit.transaction import SIGHASH

KEY_CHARACTERS_MAX = 200


def sign_with_extended(draft: PSBT, text: str) -> int:
    """Add the signatures of a root key to a draft, over everything, and return how many.

    Raises: ValueError for what is no extended private key, and for inputs that ask for another kind of signature.
    """
    if any(scope.sighash_type not in (None, SIGHASH.ALL) for scope in draft.inputs):
        raise ValueError("inputs that ask for a signature over a part")
    try:
        root = HDKey.from_string(text.strip()) if len(text) <= KEY_CHARACTERS_MAX else None
    except Exception:  # embit raises what it stumbles over
        root = None
    if root is None or not root.is_private:
        raise ValueError("text that is no extended private key")
    try:
        return int(draft.sign_with(root, SIGHASH.ALL))
    except Exception as error:
        raise ValueError(f"key origins that do not fit ({type(error).__name__})") from error
