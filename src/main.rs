//! The program `dltflow`: reads its arguments, runs, and gives an exit code.

use std::process::ExitCode;

use clap::Parser as _;
use dltflow::app;
use dltflow::cli::{Cli, Command};
use dltflow::clock::{Stop, Stopper};
use dltflow::env::Env;
use tokio::signal::unix::{SignalKind, signal};

#[tokio::main(flavor = "current_thread")]
async fn main() -> ExitCode {
    let cli = Cli::parse();
    let env = Env::read();
    let (stopper, stop) = Stop::channel();
    tokio::spawn(stop_on_signals(stopper));
    let code = match &cli.command {
        Command::Action => app::action(&env, stop).await,
        command => app::command(command, &env, stop).await,
    };
    ExitCode::from(code)
}

/// As the first process of a container the program gets no default handlers: without these it could not be stopped.
async fn stop_on_signals(stopper: Stopper) {
    let (Ok(mut interrupt), Ok(mut terminate)) = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return;
    };
    loop {
        tokio::select! {
            _ = interrupt.recv() => stopper.ask(2),
            _ = terminate.recv() => stopper.ask(15),
        }
    }
}
