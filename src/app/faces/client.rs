//! The one HTTP client.

use std::path::Path;

use crate::app::context::Face;
use crate::diagnostic::{ErrorContext as _, Kind, Result};
use crate::env::{self, Env};
use crate::fs;
use crate::http;

/// Most that is read of `SSL_CERT_FILE`.
const ROOTS_LIMIT: u64 = 4 << 20;

/// What of the runner a container action sees (actions/runner source).
const IN_THE_CONTAINER: &str = "the action runs in a container, which has only the workspace and `runner.temp` of the runner: \
                                copy the certificates there in an earlier step, and name them as the container sees them, \
                                such as `/github/workspace/roots.pem`";

/// The one HTTP client, with the certificate authorities that the environment adds.
pub(super) fn client(env: &Env, face: Face) -> Result<reqwest::Client> {
    let roots = env.get(env::SSL_CERT_FILE).map(|path| {
        let read = fs::read_named(Path::new(path), ROOTS_LIMIT)
            .or_kind(Kind::Input, format!("cannot read `SSL_CERT_FILE` (`{path}`)"));
        read.map_err(|error| {
            error.hint(match face {
                Face::Action => IN_THE_CONTAINER,
                Face::CommandLine => "name a PEM file that exists, or unset the variable",
            })
        })
    });
    http::client(roots.transpose()?.as_deref())
}
