//! The two faces of the program: each turns what it is given into a task, runs it, and delivers the report.

mod action;
mod client;
mod command_line;
mod place;
mod working_tree;

pub use action::action;
pub use command_line::command_line;
