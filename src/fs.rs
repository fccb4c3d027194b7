//! Shell `fs`.
