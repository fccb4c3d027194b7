//! Any bytes as the payload of each event.
#![no_main]

use dltflow::event::{Event, Runner};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|payload: &[u8]| {
    let runner = Runner {
        ref_: "refs/heads/main".to_owned(),
        ref_type: "branch".to_owned(),
        sha: "1".repeat(40),
        ..Runner::default()
    };
    for name in ["push", "pull_request", "merge_group", "release", "schedule"] {
        drop(Event::parse(name, payload, &runner).map_err(|error| error.message()));
    }
});
