//! The venue of Tarazy in Rust: the twin of `tarazy.spec`, file by file and name by name.

pub mod records;

#[cfg(feature = "python")]
#[pyo3::pymodule]
mod tarazy_core {
    /// Edition of the state machine.
    #[pymodule_export]
    const EDITION: u32 = crate::records::EDITION;
}
