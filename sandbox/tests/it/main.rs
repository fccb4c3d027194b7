//! What the official SDK does not reach: faults, lag, limits, the log, and the GitHub side over real repositories.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test stops at the first surprise")]

mod client;
mod databricks;
mod dressing;
mod github;
mod history;
mod traffic;
