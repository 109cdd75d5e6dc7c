//! Diagnostics of a text, and the tables of all codes and reasons.

mod code;
#[expect(clippy::module_inception, reason = "the file is named after its type")]
mod diagnostic;
mod fix;
mod limits;
mod reason;

pub use code::{Code, Param, ParamKind, Problem};
pub use diagnostic::{Diagnostic, SHOWN_CODE_POINTS, Severity, Span, UserField, is_invisible, shown};
#[cfg(feature = "wasm")]
pub(crate) use fix::edit_order;
pub use fix::{Edit, Fix, Fixed};
pub(crate) use fix::{fix_round, fix_rounds};
pub(crate) use limits::{MAX_ADDRESS_OCTETS, MAX_DOMAIN_OCTETS, MAX_LABEL_OCTETS, MAX_LOCAL_PART_OCTETS};
pub use limits::{MAX_LIST_BYTES, MAX_NOTE, MAX_USERNAME};
pub use reason::Reason;
