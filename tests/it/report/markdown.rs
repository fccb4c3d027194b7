//! Pages of Markdown, read back as GitHub's dialect: nothing foreign may act in them.

use std::collections::BTreeSet;

use comrak::nodes::{AstNode, NodeValue};
use comrak::{Arena, Options, parse_document};
use dltflow::report::{Report, comment, escape, summary};
use proptest::prelude::*;

use super::samples::{all, everywhere, hostile};

/// What a page is made of, as far as it matters here.
#[derive(Debug, Default)]
struct Page {
    html: Vec<String>,
    links: Vec<String>,
    images: usize,
    headings: usize,
    cells: BTreeSet<usize>,
    tables: usize,
    /// Text outside code.
    prose: String,
}

fn read(markdown: &str) -> Page {
    let arena = Arena::new();
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.footnotes = true;
    let mut page = Page::default();
    for node in parse_document(&arena, markdown, &options).descendants() {
        note(node, &mut page);
    }
    page
}

fn note<'a>(node: &'a AstNode<'a>, page: &mut Page) {
    match &node.data.borrow().value {
        NodeValue::HtmlBlock(block) => page.html.push(block.literal.trim().to_owned()),
        NodeValue::HtmlInline(html) => page.html.push(html.clone()),
        NodeValue::Link(link) => page.links.push(link.url.clone()),
        NodeValue::Image(_) => page.images += 1,
        NodeValue::Heading(_) => page.headings += 1,
        NodeValue::Table(_) => page.tables += 1,
        NodeValue::TableRow(_) => _ = page.cells.insert(node.children().count()),
        NodeValue::Text(text) => page.prose.push_str(text),
        NodeValue::SoftBreak | NodeValue::LineBreak | NodeValue::Paragraph => page.prose.push('\n'),
        _ => {}
    }
}

/// What must hold for the page of any report.
fn assert_harmless(markdown: &str, report: &Report) {
    let page = read(markdown);
    let ours = |html: &String| html.starts_with("<!-- dltflow") || html.starts_with("<details") || html == "</details>";
    assert!(page.html.iter().all(ours), "{:?} in:\n{markdown}", page.html);
    assert!(
        page.html.iter().all(|html| html.matches("<!--").count() == html.matches("-->").count()),
        "{:?}",
        page.html
    );
    let known: BTreeSet<_> = report.workflows.iter().map(|row| &row.url).chain([&report.run.url]).flatten().collect();
    assert!(page.links.iter().all(|link| known.contains(link)), "{:?} in:\n{markdown}", page.links);
    assert_eq!((page.images, page.headings), (0, 1), "{markdown}");
    assert!(page.tables <= 1 && page.cells.iter().all(|cells| *cells == 4), "{:?} in:\n{markdown}", page.cells);
    assert_eq!(page.tables > 0, !report.workflows.is_empty(), "{markdown}");
    assert!(!page.prose.contains(['@', '<', '#', '\u{202e}', '\u{200b}', '\u{1b}']), "{}", page.prose);
    let count = |start: &str| page.html.iter().filter(|html| html.starts_with(start)).count();
    assert_eq!(count("<details"), count("</details>"), "{markdown}");
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
        let page = read(&escape::prose(&text));
        prop_assert!(page.html.is_empty() && page.links.is_empty() && page.images == 0 && page.headings == 0, "{page:?}");
        let active = |c: char| "@#<>[]*_~|&$\\`".contains(c);
        prop_assert!(!page.prose.contains(active), "{:?}", page.prose);
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
    for (text, wanted) in [
        ("`storrage` is no field, did you mean `storage`?", "`storrage` is no field, did you mean `storage`?"),
        ("see dltflow.yml (line 3), it's well-known", "see dltflow.yml (line 3), it's well-known"),
        ("ask @octocat about #1 at a@b.c", "ask `@octocat` about `#1` at `a@b.c`"),
        ("1. first", "`1.` first"),
        ("a `` b", "a ` ` b"),
        ("commit deadbeef1 and GH-1", "commit `deadbeef1` and `GH-1`"),
    ] {
        assert_eq!(escape::prose(text), wanted);
    }
    assert!(escape::prose(&hostile("x")).chars().all(|c| !c.is_control()));
}
