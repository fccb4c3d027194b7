//! Problems: findings in the files of a project ([`Diagnostic`]), and errors that end a run ([`Error`]).
//!
//! Both are plain data, rendered by `report`.

mod error;
mod finding;
mod nearest;
mod rule;
mod truncate;

pub use error::{Error, ErrorContext, Kind, Result};
pub use finding::{Diagnostic, Diagnostics, Label, Located, Severity};
pub use nearest::{did_you_mean, listed, nearest};
pub use rule::Rule;
pub use truncate::truncate;
