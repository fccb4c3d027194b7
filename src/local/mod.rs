//! Shell: local runs. Finds Java and Python, creates the environment for Spark, and starts programs.
//!
//! Those run the code of the project: they get no secrets and a process group of their own, and end with the run.
#![expect(clippy::disallowed_methods, reason = "with `git` the one place that starts programs, and writes their files")]

mod environment;
mod folder;
mod machine;
mod pipeline;
mod process;

pub use environment::{PACKAGES, Requirements, Wheel, environment, interpreter};
pub use folder::{Scratch, has_text, state};
pub use machine::Machine;
pub use pipeline::{Invocation, RunOutput, run};
