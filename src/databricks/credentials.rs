//! Where the token of a request comes from.

use std::fmt;

use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, ready};

use super::ApiError;
use crate::secret::Secret;

/// A source of tokens, asked before each request; one that has to sign in keeps its token until that expires.
///
/// A run that is asked to stop, or whose time is up, waits for it no longer than for a request.
pub trait Credentials: fmt::Debug + Send + Sync {
    /// A token that is valid now.
    fn token(&self) -> BoxFuture<'_, Result<Secret, ApiError>>;
}

/// A token that was given once and is used as it is.
#[derive(Debug)]
pub struct GivenToken(pub Secret);

impl Credentials for GivenToken {
    fn token(&self) -> BoxFuture<'_, Result<Secret, ApiError>> {
        ready(Ok(self.0.clone())).boxed()
    }
}
