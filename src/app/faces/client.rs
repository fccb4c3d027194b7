//! The one HTTP client.

use std::path::Path;

use crate::diagnostic::{ErrorContext as _, Kind, Result};
use crate::env::{self, Env};
use crate::fs;
use crate::http;

/// Most that is read of `SSL_CERT_FILE`.
const ROOTS_LIMIT: u64 = 4 << 20;

/// The one HTTP client, with the certificate authorities that the environment adds.
pub(super) fn client(env: &Env) -> Result<reqwest::Client> {
    let roots = env.get(env::SSL_CERT_FILE).map(|path| {
        fs::read_named(Path::new(path), ROOTS_LIMIT)
            .or_kind(Kind::Input, format!("cannot read `SSL_CERT_FILE` (`{path}`)"))
    });
    http::client(roots.transpose()?.as_deref())
}
