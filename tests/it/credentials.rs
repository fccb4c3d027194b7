//! Where a token comes from is one type: it is asked before each request, and waited for no longer than a request.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use dltflow::clock::{Deadline, Stop};
use dltflow::databricks::{ApiError, Credentials, Refusal, Workspace};
use dltflow::host::Address;
use dltflow::http::{Http, client};
use dltflow::secret::{Secret, Secrets};
use futures_util::FutureExt as _;
use futures_util::future::{BoxFuture, pending};
use sandbox::{Behaviour, Sandbox, Settings};

/// What a source answers: a token each time it is asked, and at the end of the list nothing ever.
#[derive(Debug)]
struct Listed {
    tokens: Vec<&'static str>,
    asked: AtomicUsize,
}

impl Credentials for Listed {
    fn token(&self) -> BoxFuture<'_, Result<Secret, ApiError>> {
        let Some(token) = self.tokens.get(self.asked.fetch_add(1, Ordering::SeqCst)) else { return pending().boxed() };
        let failing = ApiError::Answer {
            refusal: Refusal::Service,
            status: 503,
            code: String::new(),
            message: "no".into(),
            retry_after: None,
        };
        let token = Secrets::default().admit(token).ok_or(failing);
        async move { token }.boxed()
    }
}

fn sandbox() -> Sandbox {
    let behaviour = Behaviour { databricks_tokens: vec!["fresh-token".to_owned()], ..Behaviour::default() };
    Sandbox::start(Settings { behaviour, ..Settings::default() }).unwrap()
}

fn workspace(sandbox: &Sandbox, tokens: &[&'static str]) -> Workspace {
    let http = Http::new(client(None).unwrap(), Deadline::after(Duration::from_secs(2)), Stop::channel().1);
    let source = Listed { tokens: tokens.to_vec(), asked: AtomicUsize::new(0) };
    Workspace::new(http, Address::parse(sandbox.databricks_url()).unwrap(), Arc::new(source))
}

fn requests(sandbox: &Sandbox) -> usize {
    sandbox.log().as_array().unwrap().len()
}

#[tokio::test]
async fn a_source_is_asked_for_a_token_before_each_request() {
    let sandbox = sandbox();
    let workspace = workspace(&sandbox, &["stale-token", "fresh-token"]);
    let refused = workspace.me().await.unwrap_err();
    assert_eq!(refused.refusal(), Some(Refusal::Unauthenticated));
    workspace.me().await.unwrap();
}

#[tokio::test]
async fn without_a_token_nothing_is_sent_and_nothing_was_done() {
    let sandbox = sandbox();
    // A blank text is not a secret.
    let workspace = workspace(&sandbox, &[""]);
    let error = workspace.make_folder("/Shared/x").await.unwrap_err();
    assert_eq!((error.to_string(), error.may_be_done()), ("no token: no (HTTP 503)".to_owned(), false));
    assert_eq!((error.refusal(), requests(&sandbox)), (Some(Refusal::Service), 0));
}

#[tokio::test]
async fn a_source_that_never_answers_is_waited_for_until_the_deadline() {
    let sandbox = sandbox();
    let begun = Instant::now();
    let error = workspace(&sandbox, &[]).me().await.unwrap_err();
    assert_eq!(error.to_string(), "no token: the run exceeded its time limit");
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(requests(&sandbox), 0);
}
