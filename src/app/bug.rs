//! What is said where the program has a bug and gives up.

use std::panic::Location;

use crate::diagnostic::Kind;
use crate::report::escape;

use super::sink;

/// From here on a panic ends the program with the exit code of what is unforeseen, after one line of ours: its own message
/// may quote what came from a repository or a service, and its abort ends the first process of a container as if its memory
/// were broken (139).
pub fn tell_of_bugs() {
    std::panic::set_hook(Box::new(|panic| {
        sink::tell(&said(panic.location()));
        end();
    }));
}

fn said(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(|| "a place unknown".to_owned(), ToString::to_string);
    let version = env!("CARGO_PKG_VERSION");
    escape::log(&format!(
        "error: dltflow {version} has a bug and gave up at {place}: report this line, with the step as the workflow has it, \
         to the maintainers of the action; the next run makes good what this one left undone\n"
    ))
}

#[expect(clippy::exit, clippy::disallowed_methods, reason = "a panic has no way back to `main`")]
fn end() -> ! {
    std::process::exit(Kind::Internal.exit_code().into())
}
