//! The images themselves.

use std::io::{Read as _, Write as _};
use std::os::unix::net::UnixStream;
use std::path::Path;

use serde_json::{Value, json};

use super::setting;
use crate::support::{docker, tally};

const THEME: &str = "container-image";
const MOST_BYTES: u64 = 12 << 20;

#[test]
fn each_image_is_one_file_that_is_run_and_nothing_more() {
    let mut told = Vec::new();
    for (variable, architecture) in [("DLTFLOW_IMAGE", "amd64"), ("DLTFLOW_OTHER_IMAGE", "arm64")] {
        let Some(image) = setting(THEME, variable) else { return };
        let inspected: Value = serde_json::from_str(&docker(&["image", "inspect", &image])).unwrap();
        let size = inspected[0]["Size"].as_u64().unwrap();
        assert_eq!(inspected[0]["Architecture"], architecture);
        assert!(size < MOST_BYTES, "{size} bytes");
        assert_bare(&inspected[0]["Config"]);
        let files = files(&image);
        assert_eq!(files, ["dltflow"], "files of all layers");
        told.push(format!("{architecture}: {} file, {size} bytes", files.len()));
    }
    tally(THEME, &told.join("; "));
}

/// The builders of an engine, by the number that its API has for them.
const BUILDERS: [(&str, u8); 2] = [("without BuildKit", 1), ("with BuildKit", 2)];

#[test]
fn the_image_of_a_prebuilt_program_is_built_with_buildkit_and_without() {
    if setting(THEME, "DLTFLOW_IMAGE").is_none() {
        return;
    }
    let context = tempfile::TempDir::new().unwrap();
    std::fs::copy(Path::new(env!("CARGO_MANIFEST_DIR")).join("Dockerfile.prebuilt"), context.path().join("Dockerfile"))
        .unwrap();
    std::fs::write(context.path().join("dltflow"), "a program").unwrap();
    for (builder, version) in BUILDERS {
        let tag = format!("dltflow-prebuilt-{version}-{}", std::process::id());
        let answer = build(context.path(), &tag, version);
        assert!(answer.starts_with("HTTP/1.0 200") && !answer.contains("\"error"), "{builder}: {answer}");
        let inspected: Value = serde_json::from_str(&docker(&["image", "inspect", &tag])).unwrap();
        assert_bare(&inspected[0]["Config"]);
        assert_eq!(files(&tag), ["dltflow"], "{builder}");
        docker(&["image", "rm", &tag]);
    }
    tally(THEME, "a prebuilt program: built with BuildKit and without");
}

/// What the engine itself answers, as a client without buildx asks it for one builder only.
fn build(context: &Path, tag: &str, version: u8) -> String {
    let archive = context.with_extension("tar");
    tar(&["--create", "--file", archive.to_str().unwrap(), "--directory", context.to_str().unwrap(), "."]);
    let body = std::fs::read(&archive).unwrap();
    std::fs::remove_file(archive).unwrap();
    let mut engine = UnixStream::connect("/var/run/docker.sock").unwrap();
    let length = body.len();
    write!(
        engine,
        "POST /build?version={version}&t={tag} HTTP/1.0\r\ncontent-type: application/x-tar\r\ncontent-length: {length}\r\n\r\n"
    )
    .unwrap();
    engine.write_all(&body).unwrap();
    let mut answer = Vec::new();
    // It closes the connection without reading the padding of the archive, after the whole answer.
    _ = engine.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// Nothing is configured but what is run.
fn assert_bare(config: &Value) {
    assert_eq!(config["Entrypoint"], json!(["/dltflow"]));
    let environment: Vec<&str> = config["Env"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(environment.iter().all(|variable| variable.starts_with("PATH=")), "{environment:?}");
    // BuildKit writes what is so without it.
    assert!([Value::Null, json!(""), json!("/")].contains(&config["WorkingDir"]), "{}", config["WorkingDir"]);
    for field in ["User", "Cmd", "Volumes", "ExposedPorts", "Healthcheck"] {
        assert!([Value::Null, json!("")].contains(&config[field]), "{field}: {}", config[field]);
    }
}

/// The files of all layers of an image, as `docker save` writes them.
fn files(image: &str) -> Vec<String> {
    let folder = tempfile::TempDir::new().unwrap();
    let saved = folder.path().join("image.tar");
    let saved = saved.to_str().unwrap();
    docker(&["save", "--output", saved, image]);
    let place = folder.path().to_str().unwrap();
    tar(&["--extract", "--file", saved, "--directory", place]);
    let manifest: Value = serde_json::from_slice(&std::fs::read(folder.path().join("manifest.json")).unwrap()).unwrap();
    let layers = manifest[0]["Layers"].as_array().unwrap().iter();
    let listed = layers.map(|layer| tar(&["--list", "--file", &format!("{place}/{}", layer.as_str().unwrap())]));
    listed.flat_map(|list| list.lines().map(str::to_owned).collect::<Vec<_>>()).collect()
}

fn tar(arguments: &[&str]) -> String {
    let output = std::process::Command::new("tar").args(arguments).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}
