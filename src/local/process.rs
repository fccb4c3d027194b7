//! Programs: started, read line by line, and terminated with all their children.

use std::borrow::Cow;
use std::cell::RefCell;
use std::ffi::OsStr;
use std::io;
use std::path::Path;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use futures_util::future::{Either, select};
use rustix::process::{Pid, Signal, kill_process_group};
use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncReadExt, BufReader};
use tokio::process::{Child, Command};
use tokio::time::timeout;

use crate::clock::Stop;
use crate::diagnostic::{Error, ErrorContext as _, Kind, Result};
use crate::secret::{Redactor, looks_secret};

/// How long a program may take to end after a stop was requested; the runner kills 7.5 s after the signal.
const GRACE: Duration = Duration::from_secs(3);
/// How long to wait for output after the program ended, as orphaned children may keep its pipes open.
const DRAIN: Duration = Duration::from_secs(2);
/// The longest line, in bytes; longer ones are split.
const MAX_LINE: u64 = 8 << 10;
/// Limit of captured standard output, in bytes.
const MAX_OUTPUT: u64 = 16 << 20;

/// Prefixes of variables with credentials and settings that only this program needs.
const WITHHELD: [&str; 3] = ["ACTIONS_", "DATABRICKS_", "INPUT_"];

/// A callback for each line of output.
pub(super) type OnLine<'a> = &'a (dyn Fn(&str) + 'a);

/// A program to start, with its arguments and environment.
pub(super) struct Program(Command);

/// The output of a program that has ended.
pub(super) struct ProcessOutput {
    pub(super) status: ExitStatus,
    /// Standard output, if it was captured.
    pub(super) stdout: Vec<u8>,
}

/// `program`, with the variables of this process that it `inherits`, except secrets, and without standard input.
pub(super) fn command(program: &Path, inherits: &dyn Fn(&str) -> bool) -> Program {
    let mut command = Command::new(program);
    let inherited = std::env::vars_os().filter(|(name, value)| {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        inherits(&name) && !is_secret(&name, &value)
    });
    command.env_clear().envs(inherited).stdin(Stdio::null()).process_group(0).kill_on_drop(true);
    Program(command)
}

/// Whether a variable is withheld: by its name, or because its value looks like a token. Indexes of installers may
/// contain passwords; callers that do not install do not inherit them.
fn is_secret(name: &str, value: &str) -> bool {
    if name.starts_with("PIP_") || name.starts_with("UV_") {
        return false;
    }
    let is_token = || matches!(Redactor::default().redact(value), Cow::Owned(_));
    WITHHELD.iter().any(|prefix| name.starts_with(prefix)) || looks_secret(name) || is_token()
}

impl Program {
    pub(super) fn arg(mut self, argument: impl AsRef<OsStr>) -> Self {
        self.0.arg(argument);
        self
    }

    pub(super) fn args(mut self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) -> Self {
        self.0.args(arguments);
        self
    }

    pub(super) fn env(mut self, name: &str, value: impl AsRef<OsStr>) -> Self {
        self.0.env(name, value);
        self
    }

    pub(super) fn folder(mut self, folder: &Path) -> Self {
        self.0.current_dir(folder);
        self
    }

    /// Runs it and captures standard output; `on_line` gets each line of standard error.
    pub(super) async fn run(self, stop: &Stop, on_line: OnLine<'_>) -> Result<ProcessOutput> {
        self.run_with(stop, on_line, true).await
    }

    /// Runs it; `on_line` gets each line of both outputs.
    pub(super) async fn stream(self, stop: &Stop, on_line: OnLine<'_>) -> Result<ExitStatus> {
        Ok(self.run_with(stop, on_line, false).await?.status)
    }

    /// Runs it and returns the lines of both outputs.
    pub(super) async fn output(self, stop: &Stop) -> Result<String> {
        let output = RefCell::new(String::new());
        self.stream(stop, &|line| output.borrow_mut().extend([line, "\n"])).await?;
        Ok(output.into_inner())
    }

    async fn run_with(mut self, stop: &Stop, on_line: OnLine<'_>, capture: bool) -> Result<ProcessOutput> {
        let name = self.0.as_std().get_program().to_string_lossy().into_owned();
        self.0.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().or_kind(Kind::Input, format!("cannot start `{name}`"))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let output = async {
            if capture {
                return bytes(stdout).await;
            }
            lines(stdout, on_line).await;
            Some(Vec::new())
        };
        let read = async { tokio::join!(output, lines(stderr, on_line)).0 };
        let (status, stdout) = match select(pin!(ended(&mut child, stop)), pin!(read)).await {
            Either::Left((status, read)) => (status, timeout(DRAIN, read).await.unwrap_or_default()),
            Either::Right((read, status)) => (status.await, read),
        };
        let status = status.or_kind(Kind::Internal, format!("cannot wait for `{name}`"))?;
        if let Some(signal) = stop.signal() {
            return Err(Error::new(Kind::Stopped(signal), format!("`{name}` was stopped")));
        }
        let message = || format!("`{name}` printed more than {MAX_OUTPUT} bytes, or did not close its output");
        Ok(ProcessOutput { status, stdout: stdout.ok_or_else(|| Error::new(Kind::Internal, message()))? })
    }
}

/// Waits for the end of `child`, which is terminated once a stop is requested. Its children end with it.
async fn ended(child: &mut Child, stop: &Stop) -> io::Result<ExitStatus> {
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let send = |signal| {
        // Fails if the group has ended already.
        _ = group.map(|group| kill_process_group(group, signal));
    };
    let status = tokio::select! {
        status = child.wait() => status,
        _ = stop.asked() => {
            send(Signal::TERM);
            if let Ok(status) = timeout(GRACE, child.wait()).await {
                status
            } else {
                send(Signal::KILL);
                child.wait().await
            }
        }
    };
    send(Signal::KILL);
    status
}

/// Reads to the end; `None` if that is too much.
async fn bytes(pipe: Option<impl AsyncRead + Unpin>) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    let Some(mut pipe) = pipe else { return Some(kept) };
    (&mut pipe).take(MAX_OUTPUT).read_to_end(&mut kept).await.ok()?;
    // A writer blocks until its output is read.
    let more = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await.ok()?;
    (more == 0).then_some(kept)
}

/// Calls `on_line` for each line; long ones are split.
async fn lines(pipe: Option<impl AsyncRead + Unpin>, on_line: OnLine<'_>) {
    let Some(pipe) = pipe else { return };
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut reader).take(MAX_LINE).read_until(b'\n', &mut line).await {
        on_line(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn secrets_are_recognized_by_name_and_shape() {
        for (name, value, secret) in [
            ("DATABRICKS_TOKEN", "x", true),
            ("DATABRICKS_HOST", "https://h", true),
            ("INPUT_DATABRICKS-TOKEN", "x", true),
            ("ACTIONS_RUNTIME_URL", "x", true),
            ("GITHUB_TOKEN", "x", true),
            ("GH_TOKEN", "x", true),
            ("AWS_SECRET_ACCESS_KEY", "x", true),
            ("DB_PASSWORD", "x", true),
            ("MINE", "dapi0123456789abcdef0123456789abcdef", true),
            ("MINE", "--header 'Authorization: Bearer 0123'", true),
            ("UV_INDEX_MINE_PASSWORD", "x", false),
            ("PIP_INDEX_URL", "https://user:x@h/simple", false),
            ("JAVA_HOME", "/usr/lib/jvm", false),
            ("GITHUB_WORKSPACE", "/github/workspace", false),
        ] {
            assert_eq!(is_secret(name, value), secret, "{name}={value}");
        }
    }
}
