//! The least that a static program can do.

fn main() {}
