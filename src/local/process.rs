//! A program that is started, listened to, and ended with all that it started itself.

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
use crate::diagnostic::{Context, Error, Kind, Result};
use crate::secret::{Redactor, looks_secret};

/// How long a program has to end by itself once the run was asked to stop; the runner kills 7.5 s after the signal.
const GRACE: Duration = Duration::from_secs(3);
/// How long output may still come once the program is gone: what it left behind may hold its pipes open.
const DRAIN: Duration = Duration::from_secs(2);
/// Most bytes that are told as one line.
const LONGEST_LINE: u64 = 8 << 10;
/// Most bytes of standard output that are kept.
const MOST_OUTPUT: u64 = 16 << 20;

/// Families of variables that are the credentials, or the switches, of what this program is not.
const WITHHELD: [&str; 3] = ["ACTIONS_", "DATABRICKS_", "INPUT_"];

/// Whoever hears the lines that a program says.
pub(super) type Listen<'a> = &'a (dyn Fn(&str) + 'a);

/// A program to start, with its arguments and its environment.
pub(super) struct Program(Command);

/// A program that has ended.
pub(super) struct Ended {
    pub(super) status: ExitStatus,
    /// Standard output, unless it was told.
    pub(super) stdout: Vec<u8>,
}

/// `program`, with the variables of this process that are no secrets and that it `keeps`; nothing on its standard input.
pub(super) fn command(program: &Path, keeps: &dyn Fn(&str) -> bool) -> Program {
    let mut command = Command::new(program);
    let kept = std::env::vars_os().filter(|(name, value)| {
        let (name, value) = (name.to_string_lossy(), value.to_string_lossy());
        keeps(&name) && !is_secret(&name, &value)
    });
    command.env_clear().envs(kept).stdin(Stdio::null()).process_group(0).kill_on_drop(true);
    Program(command)
}

/// Whether a variable is withheld: by its name, or because its value has the shape of a token. The sources that an
/// installer was given may carry passwords; who does not want them does not keep them.
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

    /// Runs it and keeps its standard output; `listen` hears each line of the other one.
    pub(super) async fn run(self, stop: &Stop, listen: Listen<'_>) -> Result<Ended> {
        self.run_with(stop, listen, true).await
    }

    /// Runs it, and `listen` hears each line of both.
    pub(super) async fn tell(self, stop: &Stop, listen: Listen<'_>) -> Result<ExitStatus> {
        Ok(self.run_with(stop, listen, false).await?.status)
    }

    /// Runs it and gives all that it says.
    pub(super) async fn said(self, stop: &Stop) -> Result<String> {
        let said = RefCell::new(String::new());
        self.tell(stop, &|line| said.borrow_mut().extend([line, "\n"])).await?;
        Ok(said.into_inner())
    }

    async fn run_with(mut self, stop: &Stop, listen: Listen<'_>, keep: bool) -> Result<Ended> {
        let name = self.0.as_std().get_program().to_string_lossy().into_owned();
        self.0.stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = self.0.spawn().or_kind(Kind::Input, format!("cannot start `{name}`"))?;
        let (stdout, stderr) = (child.stdout.take(), child.stderr.take());
        let output = async {
            if keep {
                return bytes(stdout).await;
            }
            lines(stdout, listen).await;
            Some(Vec::new())
        };
        let read = async { tokio::join!(output, lines(stderr, listen)).0 };
        let (status, stdout) = match select(pin!(ended(&mut child, stop)), pin!(read)).await {
            Either::Left((status, read)) => (status, timeout(DRAIN, read).await.unwrap_or_default()),
            Either::Right((read, status)) => (status.await, read),
        };
        let status = status.or_kind(Kind::Internal, format!("cannot wait for `{name}`"))?;
        if let Some(signal) = stop.signal() {
            return Err(Error::new(Kind::Stopped(signal), format!("`{name}` was ended")));
        }
        let broken = || format!("`{name}` printed more than {MOST_OUTPUT} bytes, or left its output open");
        Ok(Ended { status, stdout: stdout.ok_or_else(|| Error::new(Kind::Internal, broken()))? })
    }
}

/// Waits for the end of `child`, which is hastened once the run is asked to stop. What it started ends with it.
async fn ended(child: &mut Child, stop: &Stop) -> io::Result<ExitStatus> {
    let group = child.id().and_then(|id| Pid::from_raw(id.cast_signed()));
    let send = |signal| {
        // One that is gone needs no signal.
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

/// All that comes, read to its end; `None` where that is too much.
async fn bytes(pipe: Option<impl AsyncRead + Unpin>) -> Option<Vec<u8>> {
    let mut kept = Vec::new();
    let Some(mut pipe) = pipe else { return Some(kept) };
    (&mut pipe).take(MOST_OUTPUT).read_to_end(&mut kept).await.ok()?;
    // Who is not read waits for ever.
    let more = tokio::io::copy(&mut pipe, &mut tokio::io::sink()).await.ok()?;
    (more == 0).then_some(kept)
}

/// Tells each line; one that is too long as several.
async fn lines(pipe: Option<impl AsyncRead + Unpin>, listen: Listen<'_>) {
    let Some(pipe) = pipe else { return };
    let mut reader = BufReader::new(pipe);
    let mut line = Vec::new();
    while let Ok(1..) = (&mut reader).take(LONGEST_LINE).read_until(b'\n', &mut line).await {
        listen(String::from_utf8_lossy(&line).trim_end());
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::is_secret;

    #[test]
    fn secrets_are_known_by_their_names_and_by_their_shapes() {
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
