//! Replies that are invalid, too large, too slow or too deep: the run ends within its limits and says why.

use std::io::{Read, Write};
use std::time::Duration;

use super::hosts::{bounded, stage};
use super::peer::{Peer, reply};
use crate::support::{Ran, tally};

/// Writes `chunk` until the client disconnects.
fn endless(start: &'static str, chunk: Vec<u8>, pause: Duration) -> Peer {
    Peer::new(move |stream| {
        let mut alive = stream.write_all(start.as_bytes()).is_ok();
        while alive {
            alive = stream.write_all(&chunk).is_ok();
            std::thread::sleep(pause);
        }
    })
}

/// Malformed replies: name, who gives them, how the run ends, and words of its message (any of several).
fn broken_replies() -> Vec<(&'static str, Peer, i32, &'static str)> {
    const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n\r\n";
    // Sent again until the time is up, which may come while it is under way.
    const CUT: &str = "before the reply was complete|the run exceeded its time limit";
    const LONG: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1073741824\r\n\r\n";
    let now = Duration::ZERO;
    let json = |body: &str| Peer::saying(reply(200, "content-type: application/json\r\n", body));
    let me = r#"{"userName":"octocat@github.com","displayName":"octocat"}"#;
    vec![
        ("endless blanks", endless(HEAD, vec![b' '; 1 << 20], now), 4, "is larger than 33554432 bytes"),
        ("a gigabyte of numbers", endless(LONG, b"[0,".repeat(1 << 18), now), 4, "is larger than 33554432 bytes"),
        ("endless head", endless("HTTP/1.1 200 OK\r\nx: ", vec![b'y'; 1 << 16], now), 4, CUT),
        ("endless headers", endless("HTTP/1.1 200 OK\r\n", b"x: y\r\n".repeat(1000), now), 4, CUT),
        (
            "a byte at a time",
            endless(HEAD, vec![b' '], Duration::from_millis(50)),
            4,
            "the run exceeded its time limit",
        ),
        ("a head a byte at a time", endless("HTTP", vec![b'/'], Duration::from_millis(50)), 4, "cannot sign in"),
        ("silence", Peer::new(|stream| drop(stream.read(&mut [0]))), 4, "the run exceeded its time limit"),
        ("nothing", Peer::new(|_| {}), 4, CUT),
        ("no HTTP", Peer::saying("220 smtp.example ESMTP\r\n"), 4, CUT),
        ("half a body", Peer::saying("HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n{"), 4, CUT),
        ("bad chunks", Peer::saying("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n"), 4, CUT),
        ("an empty body", json(""), 6, "does not have the shape"),
        ("deep JSON", json(&format!("{}{}", "[".repeat(10_000), "]".repeat(10_000))), 6, "does not have the shape"),
        (
            "deep JSON in a field",
            json(&format!("{{\"userName\":{}", "[".repeat(1 << 20))),
            6,
            "does not have the shape",
        ),
        ("JSON of another shape", json("{\"userName\":7}"), 6, "does not have the shape"),
        (
            "no UTF-8",
            Peer::saying([b"HTTP/1.1 200 OK\r\ncontent-length: 3\r\n\r\n\"".as_slice(), b"\xff\""].concat()),
            6,
            "does not have the shape",
        ),
        (
            "compressed",
            Peer::saying(reply(200, "content-encoding: gzip\r\n", "\u{1f}\u{8b}")),
            6,
            "does not have the shape",
        ),
        ("a page", Peer::saying(reply(200, "content-type: text/html\r\n", me)), 6, "a web page came back"),
        (
            "an error of a million numbers",
            Peer::saying(reply(400, "", &format!("[{}0]", "0,".repeat(10 << 20)))),
            4,
            "HTTP 400",
        ),
        (
            "a long error",
            Peer::saying(reply(400, "", &format!("{{\"message\":\"{}\"}}", "m".repeat(60_000)))),
            4,
            "mm… (HTTP 400)",
        ),
    ]
}

#[test]
fn a_reply_that_is_none_ends_the_run_within_its_memory_and_time() {
    let cases = broken_replies();
    let count = cases.len();
    std::thread::scope(|scope| {
        for (name, peer, code, words) in cases {
            scope.spawn(move || {
                let stage = stage(None);
                let mut runner = stage.on_pull_request("opened", 42, "change");
                bounded(&mut runner).set("DATABRICKS_HOST", &format!("http://{}", peer.address));
                if words.starts_with("is larger") || name.contains("million") {
                    runner.input("timeout", "50s");
                }
                let ran = stage.run(&runner);
                let is_reported = words.split('|').any(|words| ran.stderr.contains(words));
                assert!(ran.code == code && is_reported, "{name}: {} {}", ran.code, ran.stderr);
                assert!(ran.stderr.len() < 3_000, "{name}: {}", ran.stderr.len());
            });
        }
    });
    tally("incoming-replies", &format!("{count} replies that are none"));
}

#[test]
fn github_that_answers_nonsense_costs_the_comment_and_not_the_deployment() {
    let list = |count| format!("[{}0]", "0,".repeat(count));
    let cases: Vec<(&str, Peer)> = vec![
        ("endless", endless("HTTP/1.1 200 OK\r\n\r\n", vec![b'['; 1 << 20], Duration::ZERO)),
        ("numbers", Peer::saying(reply(200, "", &list(10 << 20)))),
        ("an error of numbers", Peer::saying(reply(403, "", &list(1 << 20)))),
        ("deep", Peer::saying(reply(200, "", &"[".repeat(1 << 20)))),
        ("empty", Peer::saying(reply(200, "", ""))),
        ("compressed", Peer::saying(reply(200, "content-encoding: gzip\r\n", "\u{1f}\u{8b}"))),
    ];
    let check = |name: &str, peer: &Peer| -> Ran {
        let stage = stage(None);
        let mut runner = stage.on_pull_request("opened", 42, "change");
        runner.bounded(500, 60).set("GITHUB_API_URL", &format!("http://{}", peer.address));
        let ran = stage.run(&runner);
        assert_eq!((ran.code, ran.output("result")), (0, "deployed"), "{name}: {}", ran.stderr);
        assert!(!ran.report["notes"].as_array().unwrap().is_empty(), "{name}: {}", ran.report);
        ran
    };
    std::thread::scope(|scope| {
        for (name, peer) in &cases {
            scope.spawn(|| check(name, peer));
        }
    });
}
