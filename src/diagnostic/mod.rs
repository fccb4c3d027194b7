//! What can be wrong: findings in what people wrote ([`Diagnostic`]), and a run that cannot go on ([`Error`]).
//!
//! Both are plain data; how they look is `report`'s part.

mod error;
mod finding;
mod nearest;
mod rule;
mod truncate;

pub use error::{Context, Error, Kind, Result};
pub use finding::{Diagnostic, Diagnostics, Label, Located, Severity};
pub use nearest::nearest;
pub use rule::Rule;
pub use truncate::truncate;
