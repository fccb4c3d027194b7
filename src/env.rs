//! Shell `env`.
