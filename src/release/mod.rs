//! Stage `release`.
