//! `stray-quote`: `node_type_id: Standard_DS3_v2"` is a text that ends in a quote.

use super::RuleInput;
use crate::diagnostic::{Diagnostics, Rule};

pub(super) fn check(subject: &RuleInput<'_>, found: &mut Diagnostics) {
    for (text, span) in subject.workflow.texts() {
        if let Some(mended) = mended(text) {
            let finding = subject.finding(Rule::StrayQuote, span, format!("`{text}` has a quote on one side only"));
            found.push(finding.help(format!("write `{mended}`")));
        }
    }
}

/// The text without its quote if it has exactly one and at an end. An apostrophe of a sentence is none, nor is a
/// quote alone: that is a setting, such as the quote character of CSV.
fn mended(text: &str) -> Option<&str> {
    let single = |quote| text.matches(quote).count() == 1 && (quote == '"' || !text.contains(char::is_whitespace));
    let without = |quote| text.strip_suffix(quote).or_else(|| text.strip_prefix(quote));
    let mut quotes = ['"', '\''].into_iter().filter(|quote| single(*quote));
    quotes.find_map(without).filter(|mended| !mended.is_empty())
}
