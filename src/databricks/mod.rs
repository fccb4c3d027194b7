//! Stage `databricks`.
