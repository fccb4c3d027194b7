//! The program `dltflow`.
fn main() {}
