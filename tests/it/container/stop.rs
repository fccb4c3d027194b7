//! A container that is cancelled: at each phase of a run, and before its first request.

use std::net::UdpSocket;
use std::time::Duration;

use serde_json::{Value, json};

use super::Image;
use crate::stop::{MOST, SCENES, Scene};
use crate::support::{Stage, ended, send, tally};

/// A scene, and the request of it that is held open.
const POINTS: [(usize, &str, &str, &str); 9] = [
    (0, "reading changed files", "GET", "/repos/octo-org/shop/pulls/42/files"),
    (0, "observing", "GET", "/api/2.0/pipelines"),
    (0, "making a schema", "POST", "/api/2.1/unity-catalog/schemas"),
    (0, "uploading", "POST", "/api/2.0/workspace*import*"),
    (0, "creating", "POST", "/api/2.0/pipelines"),
    (0, "commenting", "POST", "/repos/octo-org/shop/issues/42/comments"),
    (1, "updating", "PUT", "/api/2.0/pipelines/*"),
    (2, "deleting", "DELETE", "/api/2.0/pipelines/*"),
    (3, "remembering", "POST", "/api/2.0/workspace*deployed-*.json"),
];

#[test]
fn a_container_can_be_stopped_in_each_phase() {
    let Some(image) = Image::given() else { return };
    let wanted: Vec<_> = SCENES.iter().map(|scene: &Scene| scene.undisturbed().1).collect();
    let longest = std::thread::scope(|scope| {
        let held = POINTS.map(|(scene, _, method, path)| {
            let fault = json!({"action": "hang", "when": "after", "method": method, "path": path});
            let (image, wanted) = (&image, &wanted[scene]);
            scope.spawn(move || {
                SCENES[scene].interrupt(&fault, wanted, |stage, runner| {
                    image.contain(stage, runner);
                })
            })
        });
        held.map(|point| point.join().unwrap()).into_iter().max().unwrap()
    });
    assert!(longest < MOST);
    tally(
        "stop-container",
        &format!("{} points, the longest took {:.1} s to stop", POINTS.len(), longest.as_secs_f64()),
    );
}

/// A name server that never answers: the program waits for nobody, although a name is being looked up.
#[test]
fn a_container_that_looks_a_name_up_can_be_stopped() {
    let Some(image) = Image::given() else { return };
    let silent = UdpSocket::bind("127.0.0.99:53").unwrap();
    silent.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let stage = Stage::new();
    let mut runner = stage.on_push("refs/heads/main", None);
    runner.set("DATABRICKS_HOST", "https://workspace.invalid");
    let resolver = runner.file("resolv.conf");
    std::fs::write(&resolver, "nameserver 127.0.0.99\noptions timeout:30 attempts:3\n").unwrap();
    image.contain(&stage, &mut runner).mount(resolver, "/etc/resolv.conf");
    let child = runner.start();
    silent.recv(&mut [0; 512]).unwrap();
    let signalled = std::time::Instant::now();
    send(&child, "INT");
    let ran = ended(&runner, child);
    let took = signalled.elapsed();
    assert_eq!((ran.code, ran.output("result")), (130, "failed"), "{}", ran.stderr);
    assert!(took < MOST, "{took:?}");
    runner.assert_gone();
}

/// As the first process a program gets no signal that it has not asked for.
#[test]
fn a_container_hears_a_signal_before_its_first_request() {
    let Some(image) = Image::given() else { return };
    for (signal, code) in [("INT", 130), ("TERM", 143)] {
        let stage = Stage::new();
        let mut runner = stage.on_push("refs/heads/main", None);
        image.contain(&stage, &mut runner);
        let (payload, text) = runner.hold_payload();
        let child = runner.start();
        let mut pipe = std::fs::File::options().write(true).open(&payload).unwrap();
        send(&child, signal);
        // The signal takes its way through docker and the engine.
        std::thread::sleep(Duration::from_millis(500));
        std::io::Write::write_all(&mut pipe, &text).unwrap();
        drop(pipe);
        let ran = ended(&runner, child);
        assert_eq!((ran.code, ran.output("result")), (code, "failed"), "{}", ran.stderr);
        assert_eq!(stage.pipelines(), Vec::<Value>::new());
        runner.assert_gone();
    }
}
