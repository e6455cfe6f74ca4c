//! The bytes of a snapshot: numbers one after the other.

/// The bytes are not a snapshot of this edition; the text says what was expected and found.
pub type SnapshotError = String;

/// Refuse the snapshot where something does not hold.
pub fn require(holds: bool, what: &str) -> Result<(), SnapshotError> {
    if !holds {
        return Err(format!("the snapshot's {what} is not possible"));
    }
    Ok(())
}

/// Return whether a value lies between two bounds, both included.
pub fn within<T: PartialOrd>(value: T, smallest: T, largest: T) -> bool {
    smallest <= value && value <= largest
}

/// Writes numbers one after the other.
pub struct Writer(pub Vec<u8>);

macro_rules! put {
    ($writer:expr, $($value:expr),+ $(,)?) => { $($writer.0.extend_from_slice(&$value.to_le_bytes());)+ };
}
pub(crate) use put;

/// Reads numbers one after the other.
pub struct Reader<'a> {
    pub data: &'a [u8],
    pub at: usize,
}

macro_rules! number {
    ($name:ident, $type:ty) => {
        pub fn $name(&mut self) -> Result<$type, SnapshotError> {
            Ok(<$type>::from_le_bytes(self.bytes()?))
        }
    };
}

impl Reader<'_> {
    pub fn bytes<const N: usize>(&mut self) -> Result<[u8; N], SnapshotError> {
        let Some(slice) = self.data.get(self.at..self.at + N) else {
            return Err(format!("the snapshot ends at byte {}, before it is whole", self.data.len()));
        };
        self.at += N;
        let mut out = [0u8; N];
        out.copy_from_slice(slice);
        Ok(out)
    }

    number!(u8, u8);
    number!(u16, u16);
    number!(u32, u32);
    number!(u64, u64);
    number!(u128, u128);
}
