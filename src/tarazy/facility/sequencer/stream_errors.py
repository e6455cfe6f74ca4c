"""What can go wrong with a log that is a replicated stream, as errors of the journal."""

from __future__ import annotations

from tarazy.journal.errors import DamageError, StorageError


class StreamUnreachableError(StorageError):
    """No server took a frame, or answered at all, in the time that was given."""

    what = "the stream cannot be reached"
    action = "Check the servers and the network, then start again: the start keeps all that was acknowledged."


class StreamAddressError(StorageError):
    """What was given as the servers' address cannot be one."""

    what = "this is no address of a stream's servers"
    action = "Give the address at which the servers listen; nothing was asked or changed."


class StreamClientMissingError(StorageError):
    """The client library is not installed."""

    what = "the client of the stream is not installed"
    action = "Install it: pip install 'tarazy[stream]'."


class StreamFencedError(StorageError):
    """Another writer has gone on with the stream; this one has nothing more to say."""

    what = "another writer has gone on with this stream"
    action = "Leave the other writer alone: this process may start again only when that one has ended."


class StreamSettingsError(StorageError):
    """The stream on the servers may lose, change or remove frames."""

    what = "the stream is not kept as a journal must be"
    action = "Correct the stream's settings on the servers; what it holds stays as it is."


class StreamMessageError(DamageError):
    """A message of the stream is no frame."""

    what = "a message of the stream is not a frame"
    action = "Stop the writer and compare with another replica or a copy; nothing behind it can be proven."
