//! Shell: signals, heard on a thread of their own whatever the program computes.

use std::io::{self, Write};
use std::time::Duration;

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::clock::Stopper;
use crate::diagnostic::Kind;

/// How long a run may take to end after it was asked to stop: the runner sends the next signal after 7.5 s.
const LIMIT: Duration = Duration::from_millis(6_500);

/// Has SIGINT and SIGTERM ask the run to stop. A run that has not ended in time is ended, with the exit code of the signal.
///
/// As the first process of a container the program gets no default handlers: without these it could not be stopped. They
/// are there once this returns.
///
/// # Errors
/// If the system refuses the handlers or the thread.
pub fn listen(stopper: Stopper) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
        runtime.block_on(async {
            let first = next(&mut interrupt, &mut terminate).await;
            stopper.ask(first);
            tokio::time::sleep(LIMIT).await;
            give_up(first);
        });
    })?;
    Ok(())
}

/// The number of the next signal. Those that follow it change nothing, as the grace runs from the first.
async fn next(interrupt: &mut Signal, terminate: &mut Signal) -> u8 {
    tokio::select! {
        _ = interrupt.recv() => 2,
        _ = terminate.recv() => 15,
    }
}

#[expect(clippy::exit, clippy::disallowed_methods, reason = "the thread that would return from `main` is busy")]
fn give_up(signal: u8) -> ! {
    drop(io::stderr().write_all(b"error: the run was asked to stop and did not end in time; run it again\n"));
    std::process::exit(Kind::Stopped(signal).exit_code().into())
}
