//! Whether the workflows of a run are valid; only those that are go on.

use std::collections::BTreeSet;
use std::sync::Arc;

use crate::app::context::Context;
use crate::app::record::Record;
use crate::app::subject::Subject;
use crate::clock;
use crate::codebase::Codebase;
use crate::diagnostic::{Diagnostics, Error, Kind, Result, Severity};
use crate::route::{Identity, Purpose};
use crate::rules::{self, Checked, InEnvironment, Validated};
use crate::source::{RepoPath, Sources};
use crate::spec::Workflow;

use super::select::Selection;

/// The workflows of a run that passed every rule.
pub(in crate::app) struct Valid {
    /// Those that were selected: all of them.
    pub(in crate::app) selected: Vec<Validated<Workflow>>,
    /// Of the others in the same specs, those that are valid; none for previews, which have none of them.
    pub(in crate::app) untouched: Vec<Validated<Workflow>>,
}

/// Checks the selection; all findings go to the record, whatever their severity.
///
/// # Errors
/// Kind `Invalid` if a finding of the selection is as severe as `fail-on` says.
pub(in crate::app) async fn validate(
    context: &Context,
    subject: &Arc<Subject>,
    selection: &Arc<Selection>,
    record: &mut Record,
) -> Result<Valid> {
    let (on, chosen) = (Arc::clone(subject), Arc::clone(selection));
    let checked = context.compute("checking the workflows", move || check(&on, &chosen)).await?;
    record.sources(checked.sources);
    record.findings(checked.findings);
    match checked.failing {
        0 => Ok(checked.valid),
        failing => Err(invalid(failing, checked.errors, subject.destination.purpose)),
    }
}

/// What the rules found.
struct Validation {
    valid: Valid,
    findings: Diagnostics,
    /// The texts that they point into.
    sources: Sources,
    /// How many findings fail the run.
    failing: usize,
    /// How many of them are errors.
    errors: usize,
}

fn check(subject: &Subject, selection: &Selection) -> Validation {
    let (project, codebase) = (&subject.project, &selection.codebase);
    let (mut found, mut findings) = (Diagnostics::default(), Diagnostics::default());
    for (broken, fails) in &selection.broken {
        let broken = project.apply_severities(broken.clone());
        if *fails { found.extend(broken) } else { findings.extend(broken.downgraded()) }
    }
    let today = clock::today();
    let (elsewhere, counts) = selection.elsewhere.check(project, today);
    if counts {
        found.extend(elsewhere);
    } else {
        findings.extend(elsewhere.downgraded());
    }
    let is_preview = matches!(subject.destination.identity, Identity::Preview(_));
    if is_preview {
        found.extend(rules::preview(project, &selection.workflows, codebase));
    }
    let workflows = InEnvironment {
        today,
        selected: &selection.workflows,
        untouched: &selection.untouched,
        aside: &selection.left_out,
    };
    let Checked { selected, mut untouched, findings: found, of_untouched } =
        rules::check(project, workflows, codebase, found);
    findings.extend(of_untouched);
    let broken = selection.broken_specs();
    let may_be_released = !is_preview && selection.can_release;
    untouched.retain(|workflow| may_be_released && !broken.contains(&workflow.get().spec));
    let found = found.distinct();
    let count = |severity| found.iter().filter(|finding| finding.severity >= severity).count();
    let errors = count(Severity::Error);
    let failing = count(subject.fail_on).max(errors);
    findings.extend(found);
    let sources = sources(&findings, selection.elsewhere.codebase());
    Validation { valid: Valid { selected, untouched }, findings, sources, failing, errors }
}

/// The texts that `findings` point into, so that they have lines.
fn sources(findings: &Diagnostics, codebase: &Codebase) -> Sources {
    let labels = findings.iter().flat_map(|finding| finding.related.iter().chain([&finding.at]));
    let paths: BTreeSet<&RepoPath> = labels.map(|label| &label.path).collect();
    let mut sources = Sources::default();
    sources.extend(paths.into_iter().filter_map(|path| codebase.source(path)));
    sources
}

/// The error of a run that selected something invalid.
fn invalid(failing: usize, errors: usize, purpose: Purpose) -> Error {
    let counted = |count: usize, what: &str| format!("{count} {what}{}", if count == 1 { "" } else { "s" });
    let found = match (errors, failing - errors) {
        (errors, 0) => format!("{} found", counted(errors, "error")),
        (0, warnings) => format!("{} found, and `fail-on` is `warning`", counted(warnings, "warning")),
        (errors, warnings) => format!("{} and {} found", counted(errors, "error"), counted(warnings, "warning")),
    };
    let rest = if purpose == Purpose::Deploy { "; nothing was deployed" } else { "" };
    Error::new(Kind::Invalid, format!("{found}{rest}"))
}
