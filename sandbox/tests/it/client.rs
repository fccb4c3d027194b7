//! A client that sees exactly what is on the wire: one request a connection.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

use sandbox::{Sandbox, Settings};
use serde_json::Value;

/// An answer; header names in lower case.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_slice(&self.body)
            .unwrap_or_else(|_| panic!("not JSON: {:?}", String::from_utf8_lossy(&self.body)))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value)
    }
}

pub(crate) fn start() -> Sandbox {
    Sandbox::start(Settings::default()).unwrap()
}

/// Sends with the accepted token; `None` when the connection ends, or nothing comes for two seconds.
pub(crate) fn try_send(url: &str, method: &str, path: &str, body: Option<&Value>) -> Option<Answer> {
    send_as(url, Some("sandbox-token"), method, path, body)
}

pub(crate) fn send(url: &str, method: &str, path: &str, body: Option<&Value>) -> Answer {
    try_send(url, method, path, body).expect("an answer")
}

pub(crate) fn get(url: &str, path: &str) -> Answer {
    send(url, "GET", path, None)
}

pub(crate) fn send_as(
    url: &str,
    token: Option<&str>,
    method: &str,
    path: &str,
    body: Option<&Value>,
) -> Option<Answer> {
    let (host, base) = url.strip_prefix("http://").unwrap().split_once('/').unwrap_or((&url[7..], ""));
    let base = if base.is_empty() { String::new() } else { format!("/{base}") };
    let body = body.map(Value::to_string).unwrap_or_default();
    let authorization = token.map(|token| format!("authorization: Bearer {token}\r\n")).unwrap_or_default();
    let mut stream = TcpStream::connect(host).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(2))).unwrap();
    let length = body.len();
    let head = format!(
        "{method} {base}{path} HTTP/1.1\r\nhost: {host}\r\n{authorization}content-length: {length}\r\nconnection: close\r\n\r\n"
    );
    stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).ok()?;
    parse(&answer)
}

fn parse(answer: &[u8]) -> Option<Answer> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n")?;
    let head = String::from_utf8(answer[..end].to_vec()).unwrap();
    let mut lines = head.split("\r\n");
    let status = lines.next()?.split(' ').nth(1)?.parse().ok()?;
    let headers =
        lines.filter_map(|line| line.split_once(": ")).map(|(name, value)| (name.to_lowercase(), value.to_owned()));
    Some(Answer { status, headers: headers.collect(), body: answer[end + 4..].to_vec() })
}
