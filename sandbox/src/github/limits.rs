//! The budget of requests an hour.

use super::replies::error;
use super::state::GitHub;
use crate::call::Reply;
use crate::settings::Behaviour;
use crate::stamp::now_ms;

/// Length of a rate limit's window.
const HOUR_MS: u64 = 3_600_000;

/// Counts a request, and refuses it when the hour's budget is spent.
pub(crate) fn throttle(github: &mut GitHub, behaviour: &Behaviour) -> Option<Reply> {
    let now = now_ms();
    if now >= github.window_end {
        (github.used, github.window_end) = (0, now + HOUR_MS);
    }
    github.used += 1;
    let spent = github.used > behaviour.github_rate_limit;
    spent.then(|| with_limits(error(403, "API rate limit exceeded for installation."), github, behaviour))
}

/// The reply with the headers that show what is left of the budget.
pub(super) fn with_limits(reply: Reply, github: &GitHub, behaviour: &Behaviour) -> Reply {
    let (limit, used) = (behaviour.github_rate_limit, github.used);
    reply
        .with("x-ratelimit-limit", limit.to_string())
        .with("x-ratelimit-remaining", limit.saturating_sub(used).to_string())
        .with("x-ratelimit-used", used.min(limit).to_string())
        .with("x-ratelimit-reset", github.window_end.div_ceil(1000).to_string())
        .with("x-ratelimit-resource", "core")
        .with("x-github-media-type", "github.v3; format=json")
}
