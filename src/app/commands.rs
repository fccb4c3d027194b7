//! Commands that people can repeat on a laptop, for the end of a report.

use crate::route::{Destination, Identity, Purpose};

/// Shows what a deployment to the same environment would do.
pub(super) fn reproduce(destination: &Destination) -> Vec<String> {
    let command = if destination.purpose == Purpose::Check { "check" } else { "plan" };
    words(&["dltflow", command, "--environment", &destination.environment])
}

/// Takes a pull request's preview away; shared pipelines are nothing to clean up.
pub(super) fn clean_up(destination: &Destination) -> Option<Vec<String>> {
    let Identity::Preview(preview) = &destination.identity else { return None };
    let command = ["dltflow", "destroy", "--environment", &destination.environment];
    let whose = match preview.key.strip_prefix("pr").filter(|_| preview.user.ends_with(&format!("_{}", preview.key))) {
        Some(number) => vec!["--pull-request", number],
        None => vec!["--as-individual"],
    };
    (destination.purpose == Purpose::Deploy).then(|| words(&[&command[..], &whose].concat()))
}

fn words(words: &[&str]) -> Vec<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}
