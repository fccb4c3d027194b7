//! The workspace's own limit of requests.

use super::replies::usual_error;
use crate::call::Reply;
use crate::settings::Behaviour;

/// 429 above the configured rate, where `recent` requests arrived within the last second. The code and text are those
/// seen in the wild; no `Retry-After` is documented.
pub(crate) fn throttle(recent: usize, behaviour: &Behaviour) -> Option<Reply> {
    let most = behaviour.requests_per_second? as usize;
    if recent < most {
        return None;
    }
    let reply = usual_error(429);
    Some(match behaviour.retry_after {
        Some(seconds) => reply.with("retry-after", seconds.to_string()),
        None => reply,
    })
}
