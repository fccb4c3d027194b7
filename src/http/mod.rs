//! Stage `http`.
