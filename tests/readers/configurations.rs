//! What is read of configurations: for each path on standard input one line of JSON, with the values that a release carries
//! and the graph of their datasets. `tests/readers` compares it with other readers.
#![allow(clippy::disallowed_methods, reason = "it is the outside world of the library")]
#![expect(clippy::print_stdout, reason = "its lines are its result")]

use std::io::{Error, Result, stdin};

use dltflow::config::{self, Graph};
use dltflow::source::{RepoPath, Source};
use serde_json::json;

fn main() -> Result<()> {
    for line in stdin().lines() {
        let name = line?;
        let path = RepoPath::parse(&name).map_err(|error| Error::other(error.to_string()))?;
        let source = Source { path, text: std::fs::read_to_string(&name)? };
        let config = config::decode(&source);
        let carried = config.carried().unwrap_or(b"null");
        let graph = config.graph.as_ref().map(Graph::to_json);
        println!(
            "{{\"path\":{},\"values\":{},\"graph\":{}}}",
            json!(name),
            String::from_utf8_lossy(carried),
            json!(graph)
        );
    }
    Ok(())
}
