//! Shell: the one HTTP client, and requests that are repeated only where that is right.

mod request;
mod retry;
mod throttle;

use std::time::Duration;

use reqwest::tls::Certificate;

use crate::diagnostic::{Context, Kind, Result};

pub use request::{Failure, Idempotency, Reply, Request};
pub use retry::Http;

/// What every request introduces itself as.
pub const USER_AGENT: &str = concat!("dltflow-action/", env!("CARGO_PKG_VERSION"));

const CONNECT: Duration = Duration::from_secs(10);
const INACTIVITY: Duration = Duration::from_mins(1);

/// Makes the one client: TLS by `ring`, the embedded roots and those of `extra_roots` (PEM), proxies from the
/// environment, and no redirects, so that a credential never follows one.
pub fn client(extra_roots: Option<&[u8]>) -> Result<reqwest::Client> {
    // A second call finds the provider installed, which is what it wants.
    drop(rustls::crypto::ring::default_provider().install_default());
    let embedded = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().filter_map(|root| Certificate::from_der(root).ok());
    let extra = extra_roots.map_or(Ok(Vec::new()), Certificate::from_pem_bundle);
    let extra = extra.or_kind(Kind::Input, "`SSL_CERT_FILE` holds no readable PEM certificates")?;
    #[expect(clippy::disallowed_methods, reason = "the one client is made here")]
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
