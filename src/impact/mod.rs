//! Stage `impact`.
