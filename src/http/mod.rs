//! Shell: the HTTP client, and requests that are retried only if that is safe.

mod patience;
mod request;
mod retry;
mod throttle;

use std::time::Duration;

use reqwest::tls::Certificate;

use crate::diagnostic::{ErrorContext as _, Kind, Result};

pub use patience::Patience;
pub use request::{Idempotency, Reply, Request, TransportError};
pub use retry::{Attempts, Ended, Http, is_final};

/// The user agent of every request.
pub const USER_AGENT: &str = concat!("dltflow-action/", env!("CARGO_PKG_VERSION"));

const CONNECT: Duration = Duration::from_secs(10);
const INACTIVITY: Duration = Duration::from_mins(1);

/// Builds the client: TLS by `ring`, the embedded roots and those of `extra_roots` (PEM), proxies from the environment,
/// and no redirects, so that credentials stay with one host.
pub fn client(extra_roots: Option<&[u8]>) -> Result<reqwest::Client> {
    // It fails if the provider is installed already, by an earlier call.
    drop(rustls::crypto::ring::default_provider().install_default());
    let embedded = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|root| Certificate::from_der(root).ok());
    let extra = extra_roots.map_or(Ok(Vec::new()), Certificate::from_pem_bundle);
    let extra = extra.or_kind(Kind::Input, "`SSL_CERT_FILE` does not contain valid PEM certificates")?;
    #[expect(clippy::disallowed_methods, reason = "the one client is built here")]
    let builder = reqwest::Client::builder();
    builder
        .tls_certs_only(embedded.chain(extra))
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(CONNECT)
        .read_timeout(INACTIVITY)
        .user_agent(USER_AGENT)
        .build()
        .or_kind(Kind::Internal, "cannot set up the HTTP client")
}
