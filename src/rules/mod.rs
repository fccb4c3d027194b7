//! Is it right: workflows and the project's files → diagnostics. Only here is a [`Validated`] made.

/// Something that passed every rule; only this module makes one, and only such a thing is released or planned.
#[derive(Clone, Debug)]
pub struct Validated<T>(T);

impl<T> Validated<T> {
    /// What passed.
    pub fn get(&self) -> &T {
        &self.0
    }
}
