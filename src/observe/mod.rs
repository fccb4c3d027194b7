//! Stage `observe`.
