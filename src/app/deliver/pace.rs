//! How often progress is shown where nobody watches.

use std::time::{Duration, Instant};

/// The least time between two lines: often enough to see that a run goes on, and seldom enough for a file.
const PAUSE: Duration = Duration::from_secs(10);

/// The pace of progress; lines that come too early are left out.
#[derive(Debug, Default)]
pub(super) struct Pace {
    last: Option<Instant>,
}

impl Pace {
    /// Whether a line that comes `now` is shown.
    pub(super) fn admits(&mut self, now: Instant) -> bool {
        let is_due = self.last.is_none_or(|last| now.duration_since(last) >= PAUSE);
        if is_due {
            self.last = Some(now);
        }
        is_due
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::Pace;
    use crate::clock;

    #[test]
    fn the_first_line_is_shown_at_once_and_then_one_every_ten_seconds() {
        let (mut pace, start) = (Pace::default(), clock::instant());
        let mut shown = |milliseconds: u64| pace.admits(start + Duration::from_millis(milliseconds));
        let lines = [0, 1, 9_999, 10_000, 10_001, 19_999, 45_000, 54_999, 55_000];
        let seen: Vec<u64> = lines.into_iter().filter(|line| shown(*line)).collect();
        assert_eq!(seen, [0, 10_000, 45_000, 55_000]);
    }

    #[test]
    fn a_busy_run_shows_no_more_lines_than_tens_of_seconds() {
        let (mut pace, start) = (Pace::default(), clock::instant());
        let shown = (0..60_000).filter(|line| pace.admits(start + Duration::from_millis(*line))).count();
        assert_eq!(shown, 6);
    }
}
