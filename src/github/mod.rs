//! Stage `github`.
