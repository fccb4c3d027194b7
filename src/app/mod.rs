//! The sequence: the one module that knows all stages and the order they come in.
//!
//! A face turns what it is given into a `tasks::Task`; a task is one use case, read from top to bottom; steps are what
//! tasks share. What becomes known on the way goes into the `record::Record`, of which a pure function makes the report
//! at the end; delivery takes that to the log, the comment and the runner.

mod bug;
mod context;
mod deliver;
mod faces;
mod record;
mod session;
mod steps;
mod subject;
mod tasks;

pub use bug::report_bugs;
pub use faces::{action, command_line, init};
