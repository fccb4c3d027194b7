//! Shell: a run on this machine. Finds Java and Python, makes the environment that Spark lives in, and starts programs.
//!
//! What is started runs the project's own code. It is handed no secret, has a process group of its own, and ends with
//! the run.
#![expect(clippy::disallowed_methods, reason = "with `git` the one place that starts programs, and writes their files")]

mod environment;
mod folder;
mod machine;
mod pipeline;
mod process;

pub use environment::{PACKAGES, Wanted, Wheel, environment, given};
pub use folder::{Scratch, state};
pub use machine::Machine;
pub use pipeline::{Ended, Run, run};
