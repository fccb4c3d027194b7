//! Servers that do as a test says and keep what they hear.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};

/// A server that records everything that it receives.
pub(super) struct Peer {
    pub(super) address: String,
    heard: Arc<Mutex<Vec<u8>>>,
}

impl Peer {
    /// Reads the head of each request and then does as `answer` says.
    pub(super) fn new(answer: impl Fn(&mut TcpStream) + Send + Sync + 'static) -> Self {
        Self::raw(move |stream, heard| {
            let head = head(stream);
            heard.lock().unwrap().extend(head);
            answer(stream);
        })
    }

    pub(super) fn raw(serve: impl Fn(&mut TcpStream, &Mutex<Vec<u8>>) + Send + Sync + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (heard, serve) = (Arc::new(Mutex::new(Vec::new())), Arc::new(serve));
        let log = Arc::clone(&heard);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let (serve, log) = (Arc::clone(&serve), Arc::clone(&log));
                std::thread::spawn(move || serve(&mut stream.unwrap(), &log));
            }
        });
        Self { address, heard }
    }

    /// A server that must not be called.
    pub(super) fn evil() -> Self {
        Self::new(|_| {})
    }

    /// Answers everything with this.
    pub(super) fn saying(answer: impl Into<Vec<u8>>) -> Self {
        let answer = answer.into();
        Self::new(move |stream| drop(stream.write_all(&answer)))
    }

    pub(super) fn heard(&self) -> String {
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }

    pub(super) fn port(&self) -> &str {
        self.address.rsplit(':').next().unwrap()
    }
}

/// What comes up to the end of a request's head.
pub(super) fn head(stream: &mut impl Read) -> Vec<u8> {
    let (mut bytes, mut next) = (Vec::new(), [0]);
    while !bytes.ends_with(b"\r\n\r\n") && stream.read(&mut next).is_ok_and(|read| read == 1) {
        bytes.push(next[0]);
    }
    bytes
}

pub(super) fn reply(status: u16, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status} x\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}
