//! `edition-too-small`: what the configuration needs, and the edition has not.

use super::RuleInput;
use crate::config::{FlowKind, Graph};
use crate::diagnostic::{Diagnostics, Rule};
use crate::source::Span;

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    // Serverless pipelines have everything.
    let Some(edition) = subject.text("edition").filter(|_| !subject.is_on("serverless")) else { return };
    let (changes, expectations) = match edition {
        "CORE" => (true, true),
        "PRO" => (false, true),
        _ => return,
    };
    let graphs = subject.configs.iter().filter_map(|(path, config)| Some((*path, config.graph.as_ref()?)));
    for (path, graph) in graphs {
        let needs = [
            (changes, changing(graph), "changes (`apply_changes`)", "PRO"),
            (expectations, expecting(graph), "expectations", "ADVANCED"),
        ];
        for (lacks, span, what, wanted) in needs {
            if let Some(span) = span.filter(|_| lacks) {
                let message = format!("the edition `{edition}` has no {what}, which `{path}` uses");
                let finding = subject.at(Rule::EditionTooSmall, "/edition", message).related(path, span, "used here");
                found.push(finding.help(format!("write `edition: {wanted}`, or remove `edition`")));
            }
        }
    }
}

fn changing(graph: &Graph) -> Option<Span> {
    graph.flows.iter().find(|flow| flow.kind != FlowKind::Append).map(|flow| flow.at.span)
}

fn expecting(graph: &Graph) -> Option<Span> {
    graph.datasets.iter().find(|dataset| !dataset.expectations.is_empty()).map(|dataset| dataset.at.span)
}
