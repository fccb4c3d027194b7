//! A small HTTP server on loopback that answers as a test says and keeps what it was asked.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use dltflow::clock::{Deadline, Stop};
use dltflow::http::Http;
use sandbox::Recorder;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

/// One request as it came in.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// `GET /path?query`.
    pub(crate) line: String,
    /// Header lines, names in lower case.
    pub(crate) headers: Vec<String>,
    pub(crate) body: Value,
}

/// One answer; a status of 0 breaks the connection.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: String,
    pub(crate) body: String,
}

impl Answer {
    pub(crate) fn new(status: u16, body: &Value) -> Self {
        Self { status, headers: String::new(), body: body.to_string() }
    }

    pub(crate) fn header(mut self, line: &str) -> Self {
        self.headers.push_str(line);
        self.headers.push_str("\r\n");
        self
    }
}

/// The server's address and what it was asked so far.
pub(crate) struct Server {
    pub(crate) address: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Answers by `answer`, for as long as the runtime lives.
    pub(crate) async fn start(answer: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let log = Arc::clone(&asked);
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                serve(stream, &log, &answer).await;
            }
        });
        Self { address, asked }
    }

    /// Gives one answer after the other, the last one for ever.
    pub(crate) async fn playing(answers: Vec<Answer>) -> Self {
        let answers = Mutex::new(VecDeque::from(answers));
        Self::start(move |_| {
            let mut answers = answers.lock().unwrap();
            if answers.len() > 1 { answers.pop_front().unwrap() } else { answers[0].clone() }
        })
        .await
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    /// The request lines so far.
    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().into_iter().map(|asked| asked.line).collect()
    }
}

/// The program's own HTTP client, with a minute to go.
pub(crate) fn http() -> Http {
    let (_, stop) = Stop::channel();
    Http::new(dltflow::http::client(None).unwrap(), Deadline::after(Duration::from_mins(1)), stop)
}

/// One request a connection keeps the server simple.
async fn serve(mut stream: TcpStream, log: &Mutex<Vec<Asked>>, answer: &(impl Fn(&Asked) -> Answer + Sync)) {
    let mut bytes = Vec::new();
    let (head, length) = loop {
        let mut chunk = [0; 4096];
        let read = stream.read(&mut chunk).await.unwrap();
        if read == 0 {
            return;
        }
        bytes.extend_from_slice(&chunk[..read]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length =
                lower.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok()).unwrap_or(0);
            if body.len() >= length {
                break (head.to_owned(), length);
            }
        }
    };
    let body = serde_json::from_slice(&bytes[bytes.len() - length..]).unwrap_or_default();
    let mut lines = head.lines();
    let line = lines.next().unwrap().trim_end_matches(" HTTP/1.1").to_owned();
    let asked = Asked { line, headers: lines.map(str::to_owned).collect(), body };
    record(&asked);
    let Answer { status, headers, body } = answer(&asked);
    log.lock().unwrap().push(asked);
    if status != 0 {
        let length = body.len();
        let head = format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {length}\r\n{headers}\r\n");
        stream.write_all(format!("{head}{body}").as_bytes()).await.unwrap();
    }
}

/// Keeps a request to GitHub, as the sandbox does with its own; what a script answers says nothing about GitHub.
fn record(asked: &Asked) {
    let headers = asked.headers.iter().filter_map(|line| line.split_once(": "));
    let headers: serde_json::Map<_, _> = headers
        .filter(|(name, _)| *name != "authorization")
        .map(|(name, value)| (name.to_owned(), value.into()))
        .collect();
    let Some(recorder) = Recorder::from_environment().filter(|_| headers.contains_key("x-github-api-version")) else {
        return;
    };
    let (method, target) = asked.line.split_once(' ').unwrap();
    let base_path = if target.starts_with("/api/v3/") { "/api/v3" } else { "" };
    recorder.request(base_path, (method, target), headers, asked.body.clone()).ordered();
}
