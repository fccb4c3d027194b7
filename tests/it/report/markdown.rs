//! Pages of Markdown, read back as GitHub's dialect: nothing foreign may act in them.

use comrak::nodes::NodeValue;
use comrak::{Arena, Options, parse_document};
use dltflow::report::{Report, comment, escape, summary};
use proptest::prelude::*;

use super::samples::{all, everywhere, hostile};
use crate::support::{Page, acts, assert_ours};

/// Checks the page of any report.
fn assert_harmless(markdown: &str, report: &Report) {
    let known = report.workflows.iter().map(|row| &row.url).chain([&report.run.url]).flatten().cloned().collect();
    let page = assert_ours(markdown, &known);
    assert_eq!(page.tables > 0, !report.workflows.is_empty(), "{markdown}");
}

fn pages(report: &Report) -> [String; 2] {
    [comment(report, None).body, summary(report)]
}

#[test]
fn every_sample_is_a_harmless_page() {
    for (_, report) in all() {
        for page in pages(&report) {
            assert_harmless(&page, &report);
        }
    }
}

/// Pieces of which hostile texts are made, and any other text.
fn foreign() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("`"),
        Just("``"),
        Just("```\n"),
        Just("|"),
        Just("\\"),
        Just("\\|"),
        Just("\n"),
        Just("\r\n"),
        Just("@octocat"),
        Just("#1"),
        Just("GH-1"),
        Just("<!--"),
        Just("-->"),
        Just("</details>"),
        Just("<b>"),
        Just("[a](b)"),
        Just("]("),
        Just("![i](j)"),
        Just("https://evil.example"),
        Just("www.evil.example"),
        Just("a@evil.example"),
        Just("*"),
        Just("_"),
        Just("~~"),
        Just("- "),
        Just("1. "),
        Just("# "),
        Just("---"),
        Just("==="),
        Just("    "),
        Just("\t"),
        Just("&lt;"),
        Just("$x$"),
        Just(":tada:"),
        Just("[^1]"),
        Just("[^1]: x"),
        Just("> "),
        Just("\u{202e}"),
        Just("\u{200b}"),
        Just("\0"),
        Just("word"),
        Just(" "),
        Just("."),
        Just("deadbeef1"),
        Just("ä"),
        Just("(x)"),
        Just("'"),
        Just("\"")
    ];
    let pieces = prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat());
    prop_oneof![3 => pieces, 1 => any::<String>()]
}

proptest! {
    #![proptest_config(super::cases(96))]

    #[test]
    fn any_text_anywhere_leaves_a_harmless_page(text in foreign()) {
        let report = everywhere(&text);
        for page in pages(&report) {
            assert_harmless(&page, &report);
        }
    }
}

proptest! {
    #![proptest_config(super::cases(256))]

    #[test]
    fn any_text_in_prose_is_words_and_code(text in foreign()) {
        let page = Page::read(&escape::prose(&text));
        prop_assert!(page.html.is_empty() && page.links.is_empty() && page.foreign.is_empty() && page.headings == 0, "{page:?}");
        prop_assert_eq!(acts(&page.prose), None);
    }

    #[test]
    fn a_code_span_a_cell_and_a_fence_give_back_their_text(text in "[a-z`|\\\\ \n]{1,40}") {
        // Engines differ in how many backslashes they show before a bar; the cell ends in none of them.
        prop_assume!(!text.trim().is_empty() && !text.contains("\\|"));
        let arena = Arena::new();
        let mut options = Options::default();
        options.extension.table = true;
        let read = |markdown: &str| {
            let root = parse_document(&arena, markdown, &options);
            root.descendants().find_map(|node| match &node.data.borrow().value {
                NodeValue::Code(code) => Some(code.literal.clone()),
                NodeValue::CodeBlock(block) => Some(block.literal.clone()),
                _ => None,
            })
        };
        let span = format!("x{}x", escape::code(&text));
        prop_assert_eq!(read(&span), Some(escape::line(&text)));
        let table = format!("| a | b |\n|---|---|\n| {} | x |\n", escape::cell(&text));
        prop_assert_eq!(read(&table), Some(escape::line(&text)));
        let block = read(&escape::fence("", &text));
        prop_assert_eq!(block, Some(format!("{}\n", text.trim_end_matches('\n'))));
    }
}

#[test]
fn sentences_of_ours_read_as_they_are_written() {
    for (text, expected) in [
        ("`storrage` is no field, did you mean `storage`?", "`storrage` is no field, did you mean `storage`?"),
        ("see dltflow.yml (line 3), it's well-known", "see dltflow.yml (line 3), it's well-known"),
        ("ask @octocat about #1 at a@b.c", "ask `@octocat` about `#1` at `a@b.c`"),
        ("1. first", "`1.` first"),
        ("2) second (2)", "`2)` second (2)"),
        ("No such file or directory (os error 2)", "No such file or directory (os error 2)"),
        ("cannot be read: timed out (os error 110): HTTP 504.", "cannot be read: timed out (os error 110): HTTP 504."),
        ("see (https://a.b/c), or (#7).", "see (`https://a.b/c`), or (`#7`)."),
        ("ask (@octocat)!", "ask (`@octocat`)!"),
        ("a (b_c_d) e ::error:: f", "a (`b_c_d`) e `::error::` f"),
        ("a `` b", "a ` ` b"),
        ("commit deadbeef1 and GH-1", "commit `deadbeef1` and `GH-1`"),
    ] {
        assert_eq!(escape::prose(text), expected);
    }
    assert!(escape::prose(&hostile("x")).chars().all(|c| !c.is_control()));
}
