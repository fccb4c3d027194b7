//! The program `dltflow`: reads its arguments, runs, and gives an exit code.

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use dltflow::app;
use dltflow::cli::{Cli, Command};
use dltflow::clock::{Stop, Stopper};
use dltflow::diagnostic::Kind;
use dltflow::env::Env;
use tokio::signal::unix::{SignalKind, signal};

fn main() -> io::Result<ExitCode> {
    app::tell_of_bugs();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(run())?;
    // Dropped, it would wait for a host name that is still being looked up.
    runtime.shutdown_background();
    Ok(ExitCode::from(code))
}

async fn run() -> io::Result<u8> {
    let (stopper, stop) = Stop::channel();
    stop_on_signals(stopper)?;
    let code = match Cli::parse().command {
        Command::Action => app::action(&Env::read(), stop.clone()).await,
        command => app::command(&command, &Env::read(), stop.clone()).await,
    };
    Ok(stop.signal().map_or(code, |signal| Kind::Stopped(signal).exit_code()))
}

/// As the first process of a container the program gets no default handlers: without these it could not be stopped.
/// They stand once this returns; what waits for them runs beside the rest.
fn stop_on_signals(stopper: Stopper) -> io::Result<()> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => stopper.ask(2),
                _ = terminate.recv() => stopper.ask(15),
            }
        }
    });
    Ok(())
}
