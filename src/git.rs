//! Shell `git`.
