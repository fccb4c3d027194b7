//! The faces of the program. The action and the command line turn what they are given into a task, run it, and deliver the
//! report; `init` is about no workflows, so it is a face of its own.

mod action;
mod client;
mod command_line;
mod init;
mod place;
mod working_tree;

pub use action::action;
pub use command_line::command_line;
pub use init::init;
