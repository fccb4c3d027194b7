//! Several look-ups at once; the gravest failure is reported, whichever comes first.

use std::pin::pin;
use std::time::Duration;

use futures_util::future::{Either, select};
use futures_util::stream::{FuturesUnordered, StreamExt as _};

use crate::databricks::{ApiError, Workspace};
use crate::diagnostic::Kind;

/// How long the others may take once one has failed.
const REST: Duration = Duration::from_secs(5);

/// Waits for all of `look_ups` and returns what they found, in their order. Once one fails the others have `REST`: a
/// refusal is graver than any other failure, and of two alike that of the earlier look-up is returned.
pub async fn together<T>(
    workspace: &Workspace,
    look_ups: impl IntoIterator<Item = impl Future<Output = Result<T, ApiError>>>,
) -> Result<Vec<T>, ApiError> {
    let numbered = look_ups.into_iter().enumerate().map(async |(index, look_up)| (index, look_up.await));
    let mut running: FuturesUnordered<_> = numbered.collect();
    let mut rest = pin!(workspace.pause(REST));
    let (mut outcomes, mut failed) = (Vec::new(), false);
    loop {
        let next = if failed {
            match select(running.next(), rest.as_mut()).await {
                Either::Left((next, _)) => next,
                Either::Right(_) => None,
            }
        } else {
            running.next().await
        };
        let Some((index, outcome)) = next else { break };
        failed |= outcome.is_err();
        outcomes.push((index, outcome));
    }
    outcomes.sort_by_key(|(index, _)| *index);
    let (mut found, mut gravest) = (Vec::new(), None);
    for (_, outcome) in outcomes {
        match outcome {
            Ok(one) => found.push(one),
            Err(error) => gravest = Some(graver(gravest, error)),
        }
    }
    gravest.map_or(Ok(found), Err)
}

fn graver(earlier: Option<ApiError>, later: ApiError) -> ApiError {
    match earlier {
        Some(earlier) if earlier.kind() == Kind::Refused || later.kind() != Kind::Refused => earlier,
        _ => later,
    }
}
