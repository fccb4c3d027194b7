//! Shell `clock`.
