//! The binding: bytes in, bytes out, one crossing a batch, without the interpreter lock. No logic here.

#[pyo3::pymodule]
pub mod tarazy_core {
    use std::borrow::Cow;

    use pyo3::exceptions::PyValueError;
    use pyo3::prelude::*;
    use pyo3::types::{PyBytes, PyDict, PyIterator};

    use crate::invariants::{Broken, NAMES};
    use crate::liability_levels;
    use crate::venue::{Fault, Venue as Inner};

    #[pymodule_export]
    const EDITION: u32 = crate::records::EDITION;

    /// Entries of a low level of a liabilities tree, 48 bytes each, from salts and amounts of 16 by account.
    #[pyfunction]
    fn liability_entries<'py>(
        py: Python<'py>,
        asset_id: u32,
        first_account: u32,
        salts: &[u8],
        amounts: &[u8],
        level: u32,
    ) -> PyResult<Bound<'py, PyBytes>> {
        let found = py.detach(|| liability_levels::entries(asset_id, first_account, salts, amounts, level));
        Ok(PyBytes::new(py, &found.map_err(PyValueError::new_err)?))
    }

    /// The parents of a level of the liabilities tree.
    #[pyfunction]
    fn liability_parents<'py>(py: Python<'py>, entries: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
        let level = py.detach(|| liability_levels::parents(entries));
        Ok(PyBytes::new(py, &level.map_err(PyValueError::new_err)?))
    }

    /// The venue in Rust: same names, same bytes as tarazy.spec.venue.Venue.
    #[pyclass]
    struct Venue {
        inner: Inner,
    }

    fn broken_error(py: Python<'_>, broken: Broken) -> PyErr {
        let raise = || -> PyResult<PyErr> {
            let class = py.import("tarazy.domain.engine")?.getattr("InvariantBroken")?;
            Ok(PyErr::from_value(class.call1((broken.invariant, broken.seq, broken.detail.as_str()))?))
        };
        raise().unwrap_or_else(|error| error)
    }

    fn fault_error(py: Python<'_>, fault: Fault) -> PyErr {
        match fault {
            Fault::Length(length) => PyValueError::new_err(format!(
                "expected a multiple of {} bytes, found {length}",
                crate::records::RECORD_SIZE
            )),
            Fault::Broken(broken) => broken_error(py, broken),
        }
    }

    /// Return the next piece that is not empty; no more once there is none.
    fn next_piece(source: &Bound<'_, PyIterator>) -> PyResult<Option<Vec<u8>>> {
        for piece in source.clone() {
            let bytes: Vec<u8> = piece?.cast::<PyBytes>()?.as_bytes().to_vec();
            if !bytes.is_empty() {
                return Ok(Some(bytes));
            }
        }
        Ok(None)
    }

    #[pymethods]
    impl Venue {
        #[new]
        fn new() -> Self {
            Self { inner: Inner::new() }
        }

        #[classattr]
        fn name() -> &'static str {
            "core"
        }

        #[classattr]
        fn edition() -> u32 {
            crate::records::EDITION
        }

        #[getter]
        fn next_seq(&self) -> u64 {
            self.inner.state.next_seq
        }

        #[getter]
        fn last_ts_ns(&self) -> u64 {
            self.inner.state.last_ts_ns
        }

        fn apply<'py>(&mut self, py: Python<'py>, commands: &[u8]) -> PyResult<Bound<'py, PyBytes>> {
            let inner = &mut self.inner;
            inner.state.out.clear();
            py.detach(|| inner.apply(commands)).map_err(|fault| fault_error(py, fault))?;
            Ok(PyBytes::new(py, &inner.state.out))
        }

        fn snapshot<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
            let bytes = py.detach(|| self.inner.snapshot());
            PyBytes::new(py, &bytes)
        }

        fn state_digest<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
            let digest = py.detach(|| self.inner.state_digest());
            PyBytes::new(py, &digest)
        }

        fn audit(&mut self, py: Python<'_>) -> PyResult<()> {
            let inner = &mut self.inner;
            py.detach(|| inner.audit()).map_err(|fault| fault_error(py, fault))
        }

        /// Return the officers by number: number, public key, roles, state, begin and end of their validity.
        fn officer_keys<'py>(&self, py: Python<'py>) -> Vec<(usize, Bound<'py, PyBytes>, u16, u8, u64, u64)> {
            let officers = self.inner.state.authority.officers.iter().enumerate();
            officers
                .map(|(at, o)| {
                    let key = PyBytes::new(py, &o.public_key);
                    (at + 1, key, o.officer_roles, o.officer_state, o.valid_from_ns, o.valid_until_ns)
                })
                .collect()
        }

        fn liabilities_root<'py>(&self, py: Python<'py>) -> Bound<'py, PyBytes> {
            let root = py.detach(|| self.inner.liabilities_root());
            PyBytes::new(py, &root)
        }

        #[pyo3(signature = (account_ids, market_ids, *, depth = 0, order_ids = vec![]))]
        fn excerpt<'py>(
            &self,
            py: Python<'py>,
            account_ids: Vec<u32>,
            market_ids: Vec<u32>,
            depth: u32,
            order_ids: Vec<u64>,
        ) -> Bound<'py, PyBytes> {
            let bytes = py.detach(|| self.inner.excerpt(&account_ids, &market_ids, depth, &order_ids));
            PyBytes::new(py, &bytes)
        }

        #[staticmethod]
        fn restore(py: Python<'_>, snapshot: &[u8]) -> PyResult<Self> {
            let inner = py.detach(|| Inner::restore(snapshot)).map_err(PyValueError::new_err)?;
            Ok(Self { inner })
        }

        /// Restore from pieces, each asked for when the one before it is used up; an error of their source is passed on.
        #[staticmethod]
        fn restore_pieces(py: Python<'_>, pieces: Bound<'_, PyAny>) -> PyResult<Self> {
            let (source, mut failed) = (pieces.try_iter()?.unbind(), None);
            let restored = py.detach(|| {
                let mut pieces = std::iter::from_fn(|| {
                    let piece = Python::attach(|py| next_piece(source.bind(py)));
                    piece.map_err(|error| failed = Some(error)).ok().flatten().map(Cow::Owned)
                });
                Inner::restore_pieces(&mut pieces)
            });
            match failed {
                Some(error) => Err(error),
                None => Ok(Self { inner: restored.map_err(PyValueError::new_err)? }),
            }
        }

        fn invariant_counts<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyDict>> {
            let counts = PyDict::new(py);
            for (name, count) in NAMES.iter().zip(self.inner.state.invariants.counts()) {
                counts.set_item(name, count)?;
            }
            Ok(counts)
        }
    }
}
