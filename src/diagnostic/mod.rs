//! What the engine has to say about a text, and the one table of every code it uses.

mod code;
#[expect(clippy::module_inception, reason = "the room is called what its main thing is called")]
mod diagnostic;
mod fix;
mod reason;

pub use code::Code;
pub use diagnostic::{Diagnostic, SHOWN_CODE_POINTS, Severity, Span, UserField, is_invisible, shown};
pub use fix::{Edit, Fix};
pub use reason::Reason;
