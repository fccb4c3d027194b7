//! The renderers of the report, with samples and with any text.

mod comment;
mod corpora;
mod escape;
mod limits;
mod markdown;
mod places;
mod samples;
mod secret;
mod shown;

/// So many cases of a property, kept in no file.
fn cases(cases: u32) -> proptest::prelude::ProptestConfig {
    proptest::prelude::ProptestConfig { cases, failure_persistence: None, ..Default::default() }
}
