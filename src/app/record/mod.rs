//! The facts of a run, as they become known. They are appended and never read by a decision; the report is made of them at
//! the end, whatever happened before.

mod facts;
mod report;
mod rows;

pub(super) use facts::{Conclusion, Record};
pub(super) use report::{Finished, finish};
