//! The program `dltflow`: reads its arguments, runs, and gives an exit code.

use std::io;
use std::process::ExitCode;

use clap::Parser as _;
use dltflow::cli::{Cli, Command};
use dltflow::clock::Stop;
use dltflow::diagnostic::Kind;
use dltflow::env::Env;
use dltflow::{app, signals};

fn main() -> io::Result<ExitCode> {
    app::report_bugs();
    let (stopper, stop) = Stop::channel();
    signals::listen(stopper)?;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let code = runtime.block_on(run(stop.clone()));
    // Dropped, it would wait for a stage that still computes, or a host name that is still being looked up.
    runtime.shutdown_background();
    let code = stop.signal().map_or(code, |signal| Kind::Stopped(signal).exit_code());
    Ok(ExitCode::from(code))
}

async fn run(stop: Stop) -> u8 {
    match Cli::parse().command {
        Command::Action => app::action(&Env::read(), stop).await,
        Command::Init(arguments) => app::init(&arguments, &Env::read(), stop).await,
        Command::Workflows(command) => app::command_line(&command, &Env::read(), stop).await,
    }
}
