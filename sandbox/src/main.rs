//! Starts the sandbox and prints where it listens, one `name url` line a service; Ctrl-C ends it.

use std::io::{self, Write};
use std::process::ExitCode;

use sandbox::{Sandbox, Settings};

const USAGE: &str = "usage: sandbox [--databricks-port PORT] [--github-port PORT] [--github-base-path PATH]";

fn main() -> io::Result<ExitCode> {
    let Some(settings) = read_arguments(std::env::args().skip(1)) else {
        writeln!(io::stderr(), "{USAGE}")?;
        return Ok(ExitCode::from(2));
    };
    let sandbox = Sandbox::start(settings)?;
    let mut out = io::stdout().lock();
    writeln!(out, "databricks {}\ngithub {}", sandbox.databricks_url(), sandbox.github_url())?;
    out.flush()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(tokio::signal::ctrl_c())?;
    Ok(ExitCode::SUCCESS)
}

/// `None` when an argument is unknown, has no value, or is not a port.
fn read_arguments(mut arguments: impl Iterator<Item = String>) -> Option<Settings> {
    let mut settings = Settings::default();
    while let Some(name) = arguments.next() {
        let value = arguments.next()?;
        match name.as_str() {
            "--databricks-port" => settings.databricks_port = value.parse().ok()?,
            "--github-port" => settings.github_port = value.parse().ok()?,
            "--github-base-path" => settings.github_base_path = value,
            _ => return None,
        }
    }
    Some(settings)
}
