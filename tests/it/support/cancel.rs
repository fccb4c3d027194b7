//! A step that is cancelled, as the runner does it.

use std::path::PathBuf;
use std::process::{Child, Command};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::time::{Duration, Instant};

use super::{Ran, Runner, Stage};

/// What the runner sends next, and after how long: it gives a step 7.5 s, 2.5 s more, and no mercy then.
const THEN: [(&str, Duration); 3] =
    [("TERM", Duration::from_millis(7500)), ("KILL", Duration::from_millis(2500)), ("KILL", Duration::from_secs(5))];
/// How long no request has to come before a run is taken for waiting.
/// On a loaded machine a request that is due can take this long to come.
const QUIET: Duration = Duration::from_millis(500);
/// Between two signals.
const APART: Duration = Duration::from_millis(150);

/// A step that was cancelled while a request was under way.
pub(crate) struct Cancelled {
    pub(crate) ran: Ran,
    /// Time from the signal until process and container had ended.
    pub(crate) took: Duration,
    /// Writes that arrived after the signal.
    pub(crate) late: Vec<String>,
}

impl Stage {
    /// Starts the step, waits until the fault that was ordered holds a request open and nothing else happens any more, and
    /// cancels it by `signals`; then the runner's own follow.
    pub(crate) fn cancel(&self, runner: &Runner, signals: &[&str]) -> Cancelled {
        let before = runner.tree();
        let mut child = runner.start();
        let started = Instant::now();
        while self.faults() > 0 {
            let ended = child.try_wait().unwrap();
            assert!(ended.is_none() && started.elapsed() < Duration::from_mins(1), "the request never came: {ended:?}");
            std::thread::sleep(Duration::from_millis(5));
        }
        let sent = self.settled();
        let signalled = Instant::now();
        for (index, signal) in signals.iter().enumerate() {
            // One by one: two that are pending at once come in any order.
            std::thread::sleep(APART * u32::from(index > 0));
            send(&child, signal);
        }
        let ran = ended(runner, child);
        let took = signalled.elapsed();
        runner.assert_untouched(&before, &ran);
        runner.assert_gone();
        self.nothing_leaked(runner, &ran);
        let late = self.sent().split_off(sent);
        Cancelled { ran, took, late: late.into_iter().filter(|request| !request.starts_with("GET ")).collect() }
    }

    /// Faults that have not happened yet.
    fn faults(&self) -> usize {
        self.control("GET", "faults", &serde_json::Value::Null).as_array().unwrap().len()
    }

    /// How many requests there were once none comes any more.
    fn settled(&self) -> usize {
        let mut count = self.sent().len();
        loop {
            std::thread::sleep(QUIET);
            let now = self.sent().len();
            if now == count {
                return count;
            }
            count = now;
        }
    }

    /// All requests since the log was cleared, to both services.
    pub(crate) fn sent(&self) -> Vec<String> {
        let log = self.sandbox.log();
        let text = |entry: &serde_json::Value, name: &str| entry[name].as_str().unwrap().to_owned();
        log.as_array().unwrap().iter().map(|entry| text(entry, "method") + " " + &text(entry, "path")).collect()
    }
}

impl Runner {
    /// Puts a pipe where the event's payload belongs, so that the program waits for it; gives its path and the payload.
    pub(crate) fn hold_payload(&self) -> (PathBuf, Vec<u8>) {
        let payload = self.file("workflow/event.json");
        let text = std::fs::read(&payload).unwrap();
        std::fs::remove_file(&payload).unwrap();
        assert!(Command::new("mkfifo").arg(&payload).status().unwrap().success());
        (payload, text)
    }
}

/// Waits for the end of a step that was asked to stop, and repeats the signals as the runner does.
pub(crate) fn ended(runner: &Runner, child: Child) -> Ran {
    let (done, outcome) = channel();
    let pid = child.id().to_string();
    std::thread::spawn(move || done.send(child.wait_with_output().unwrap()));
    for (signal, after) in THEN {
        match outcome.recv_timeout(after) {
            Ok(output) => return runner.read(output),
            Err(RecvTimeoutError::Timeout) => kill(signal, &pid),
            Err(RecvTimeoutError::Disconnected) => break,
        }
    }
    panic!("the step cannot be killed");
}

/// Sends a signal to the process that the runner started.
pub(crate) fn send(child: &Child, signal: &str) {
    kill(signal, &child.id().to_string());
}

fn kill(signal: &str, pid: &str) {
    assert!(Command::new("kill").args(["-s", signal, pid]).status().unwrap().success());
}
