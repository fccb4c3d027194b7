//! Any text as a path, an address, a ref: what is taken reads as itself again.
#![no_main]

use dltflow::event::Ref;
use dltflow::host::Host;
use dltflow::source::RepoPath;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let Ok(path) = RepoPath::parse(text) {
        assert!(path.parts().all(|part| part != "." && part != ".."));
        assert_eq!(RepoPath::parse(path.as_str()), Ok(path.clone()));
    }
    if let Ok(host) = Host::parse(text) {
        assert_eq!(Host::parse(&host.to_string()), Ok(host));
    }
    if let Some(reference) = Ref::parse(text) {
        assert_eq!(Ref::parse(&reference.full()), Some(reference));
    }
});
