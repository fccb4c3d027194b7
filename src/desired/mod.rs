//! Stage `desired`.
