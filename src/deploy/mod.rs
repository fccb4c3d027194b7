//! Stage `deploy`.
