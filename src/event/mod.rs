//! Stage `event`.
