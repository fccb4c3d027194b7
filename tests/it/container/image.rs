//! The images themselves.

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

/// Nothing is configured but what is run.
fn assert_bare(config: &Value) {
    assert_eq!(config["Entrypoint"], json!(["/dltflow"]));
    let environment: Vec<&str> = config["Env"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    assert!(environment.iter().all(|variable| variable.starts_with("PATH=")), "{environment:?}");
    for field in ["User", "Cmd", "Volumes", "ExposedPorts", "WorkingDir", "Healthcheck"] {
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
