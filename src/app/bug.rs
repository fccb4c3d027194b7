//! What is printed if the program panics.

use std::panic::Location;

use crate::diagnostic::Kind;
use crate::report::escape;

use super::deliver::terminal;

/// From now on, a panic ends the program with one line of ours and the exit code of unexpected errors: its own message may
/// quote a repository or a service, and its abort would end the first process of a container with 139, as a memory error
/// does.
pub fn report_bugs() {
    std::panic::set_hook(Box::new(|panic| {
        terminal::error(&message(panic.location()));
        end();
    }));
}

fn message(place: Option<&Location<'_>>) -> String {
    let place = place.map_or_else(|| "an unknown place".to_owned(), ToString::to_string);
    let version = env!("CARGO_PKG_VERSION");
    escape::log(&format!(
        "error: dltflow {version} has a bug and gave up at {place}: please report this line, with the step of your workflow, \
         to the maintainers of the action; the next run completes what this one left unfinished\n"
    ))
}

#[expect(clippy::exit, clippy::disallowed_methods, reason = "a panic has no way back to `main`")]
fn end() -> ! {
    std::process::exit(Kind::Internal.exit_code().into())
}
